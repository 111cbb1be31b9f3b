import { canActOn } from '../../evaluator/service-data/check';
import type { AccessLevel } from '../../evaluator/service-data/service-data';
import type { Deployment } from '../graph/deployment';
import type { Actor } from '../matrix/actors';
import type { ActorId } from '../matrix/ids';
import type { OperationStep } from '../matrix/operation';
import { type AllowingPart, ownParts, resourceParts } from './allowing-parts';
import { isImpossible } from './impossible';

/** Permissions of one access level that one statement gives, and that no request is about. */
export interface Permission {
  /** The actors who have them. */
  readonly actors: readonly ActorId[];
  /** In the policy of a resource, and of a grant: who is named, as it is written. */
  readonly principals: readonly string[];
  readonly policy: string;
  readonly statement: string;
  readonly accessLevel: AccessLevel | 'unknown';
  readonly actions: readonly string[];
  /** Resource patterns of the statement that are meant. */
  readonly resources: readonly string[];
  /** Where the statement has NotResource: what it leaves out. */
  readonly exempt?: readonly string[];
}

/** Requests that are asked about. */
export interface AskedRequests {
  readonly requests: readonly OperationStep[];
  /** What else is asked about, by the part that allows it and the action. */
  readonly covers?: (part: AllowingPart, action: string) => boolean;
}

const ORDER: readonly Permission['accessLevel'][] = ['unknown', 'Permissions management', 'Write', 'Tagging', 'Read', 'List'];

/**
 * The permissions that policies give and that none of the asked requests is about: statement by statement, the patterns of
 * its actions expanded by the service data. A permission is asked about when the very part of the statement that gives it
 * (this action, this resource pattern, this principal, these conditions) applies to a request of some actor who has it.
 *
 * @param actors whose permissions are listed
 * @example
 * const requests = operationsOf(deployment).flatMap(({ steps }) => steps);
 * permissionsBeyond(deployment, actorsOf(deployment), { requests }).filter(({ accessLevel }) => accessLevel === 'Write');
 */
export function permissionsBeyond(deployment: Deployment, actors: readonly Actor[], { requests, covers = () => false }: AskedRequests): Permission[] {
  const byAction = new Map<string, OperationStep[]>();
  for (const request of requests) byAction.set(request.action.toLowerCase(), [...(byAction.get(request.action.toLowerCase()) ?? []), request]);
  const isAsked = (part: AllowingPart, action: string) => {
    const asked = byAction.get(action.toLowerCase());
    return covers(part, action) || (asked !== undefined && actors.some((actor) => asked.some((request) => part.applies(actor, request))));
  };
  const parts = [...ownParts(actors), ...resourceParts(deployment, actors)];
  return groupsOf(parts, ({ policy, statement, exempt }) => [policy, statement, ...(exempt ?? [])].join('\n')).flatMap((ofStatement) =>
    permissionsOf(ofStatement, isAsked),
  );
}

/** An action of a statement that is not asked about, with the parts that allow it and who can do it by each. */
interface OpenAction {
  readonly accessLevel: Permission['accessLevel'];
  readonly parts: NonEmpty<AllowingPart>;
  readonly actors: Set<ActorId>;
}

/** The permissions that the parts of one statement give, those together that have level, actors, principals and resources in common. */
function permissionsOf(parts: readonly AllowingPart[], isAsked: (part: AllowingPart, action: string) => boolean): Permission[] {
  const open = new Map<string, OpenAction>();
  for (const part of parts) {
    for (const { action, accessLevel } of part.actions) {
      if (!canActOn(action, part.resource) || isAsked(part, action)) continue;
      const able = part.actors.filter((actor) => !isImpossible(actor, action));
      // The policy of a resource allows it to everybody whom it names.
      if (able.length === 0 && part.principal === undefined) continue;
      const opened = open.get(action);
      if (opened) opened.parts.push(part);
      else open.set(action, { accessLevel, parts: [part], actors: new Set() });
      for (const { id } of able) open.get(action)?.actors.add(id);
    }
  }
  const sameness = (opened: OpenAction) => `${opened.accessLevel}\n${opened.parts.map((part) => parts.indexOf(part)).join()}\n${[...opened.actors].join()}`;
  return groupsOf([...open], ([, opened]) => sameness(opened))
    .map((group) => permissionOf(group[0][1], actionsOf(group)))
    .sort((a, b) => ORDER.indexOf(a.accessLevel) - ORDER.indexOf(b.accessLevel));
}

const actionsOf = (group: readonly (readonly [string, OpenAction])[]) => group.map(([action]) => action);

function permissionOf({ accessLevel, parts, actors }: OpenAction, actions: readonly string[]): Permission {
  const [{ policy, statement, exempt }] = parts;
  const principals = [...new Set(parts.flatMap(({ principal }) => principal ?? []))];
  const resources = [...new Set(parts.map(({ resource }) => resource))];
  return { actors: [...actors], principals, policy, statement, accessLevel, actions, resources, ...(exempt ? { exempt } : {}) };
}

type NonEmpty<T> = [T, ...T[]];

/** Items that have something in common, in the order of the first of each group. */
function groupsOf<T>(items: readonly T[], commonOf: (item: T) => string): NonEmpty<T>[] {
  const groups = new Map<string, NonEmpty<T>>();
  for (const item of items) {
    const group = groups.get(commonOf(item));
    if (group) group.push(item);
    else groups.set(commonOf(item), [item]);
  }
  return [...groups.values()];
}
