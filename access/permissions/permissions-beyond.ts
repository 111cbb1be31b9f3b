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
  /** Actions that are asked about on whatever resource. */
  readonly anywhere?: readonly string[];
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
export function permissionsBeyond(deployment: Deployment, actors: readonly Actor[], { requests, anywhere = [] }: AskedRequests): Permission[] {
  const byAction = new Map<string, OperationStep[]>();
  for (const request of requests) byAction.set(request.action.toLowerCase(), [...(byAction.get(request.action.toLowerCase()) ?? []), request]);
  const everywhere = new Set(anywhere.map((action) => action.toLowerCase()));
  const isAsked = (part: AllowingPart, action: string) => {
    const asked = byAction.get(action.toLowerCase());
    return everywhere.has(action.toLowerCase()) || (asked !== undefined && actors.some((actor) => asked.some((request) => part.applies(actor, request))));
  };
  const parts = [...ownParts(actors), ...resourceParts(deployment, actors)];
  return grouped(parts.flatMap((part) => singlePermissions(part, isAsked)));
}

/** One action of a part. */
interface SinglePermission extends Omit<AllowingPart, 'actions' | 'actors' | 'applies'> {
  readonly action: string;
  readonly accessLevel: Permission['accessLevel'];
  readonly actors: readonly ActorId[];
}

function singlePermissions({ actions, actors, applies, ...part }: AllowingPart, isAsked: (part: AllowingPart, action: string) => boolean): SinglePermission[] {
  return actions.flatMap(({ action, accessLevel }) => {
    if (!canActOn(action, part.resource)) return [];
    if (isAsked({ actions, actors, applies, ...part }, action)) return [];
    const able = actors.filter((actor) => !isImpossible(actor, action));
    // The policy of a resource allows it to whom it names, whoever that is.
    if (able.length === 0 && part.principal === undefined) return [];
    return [{ ...part, action, accessLevel, actors: able.map(({ id }) => id) }];
  });
}

/** Actions of one level are listed together where statement, actors, principals and resources are the same. */
function grouped(permissions: readonly SinglePermission[]): Permission[] {
  const byAction = merge(
    permissions,
    ({ action, principal, resource, ...same }) => [same, action, principal],
    ({ resource }) => resource,
  ).map(({ first, merged }) => ({ ...first, resources: merged }));
  const byPrincipal = merge(
    byAction,
    ({ policy, statement, action, resources, exempt }) => [policy, statement, action, resources, exempt],
    ({ principal }) => principal,
  ).map(({ first, members, merged }) => ({
    ...first,
    principals: merged.flatMap((principal) => principal ?? []),
    actors: [...new Set(members.flatMap(({ actors }) => actors))],
  }));
  return merge(
    byPrincipal,
    ({ policy, statement, accessLevel, resources, exempt, principals, actors }) => [policy, statement, accessLevel, resources, exempt, principals, actors],
    ({ action }) => action,
  )
    .map(({ first: { policy, statement, accessLevel, resources, exempt, principals, actors }, merged }) => {
      return { actors, principals, policy, statement, accessLevel, actions: merged, resources, ...(exempt ? { exempt } : {}) };
    })
    .sort((a, b) => ORDER.indexOf(a.accessLevel) - ORDER.indexOf(b.accessLevel));
}

interface Merged<T, V> {
  readonly first: T;
  readonly members: readonly T[];
  readonly merged: readonly V[];
}

/** Collects the values of items that are the same otherwise, in the order of the first of each. */
function merge<T, V>(items: readonly T[], sameness: (item: T) => unknown, value: (item: T) => V): Merged<T, V>[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const id = JSON.stringify(sameness(item));
    const group = groups.get(id);
    if (group) group.push(item);
    else groups.set(id, [item]);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ first, members, merged: [...new Set(members.map(value))] }];
  });
}
