import { z } from 'zod';
import { isUnknown } from '../../evaluator/unknown';
import { type Deployment, policiesOf } from '../graph/deployment';
import { type Actor, ALLOW_ALL } from '../matrix/actors';
import { decoyArns } from '../matrix/decoys';
import type { OperationId } from '../matrix/ids';
import { idName, type OperationStep } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import type { AllowingPart } from '../permissions/allowing-parts';
import { type Permission, permissionsBeyond } from '../permissions/permissions-beyond';
import { readingsOf } from './escalation-paths';
import { escalatingActors } from './escalation-state';
import type { ActionSomewhere, Need } from './escalation-step';
import { escalationStepsOf } from './escalation-steps';
import { isElsewhere } from './somewhere';

/** Actions that lead to no more access, and why. */
export interface HarmlessActions {
  readonly actions: readonly string[];
  readonly reason: string;
  /** The page of AWS that says so, where it is not obvious. */
  readonly page?: string;
  /** Only on one's own user and MFA device. */
  readonly own?: boolean;
}

const HARMLESS_ACTIONS = z.array(
  z.strictObject({
    actions: z.array(z.string().regex(/^[a-z0-9-]+:[A-Za-z0-9]+$/, 'not an action')).min(1),
    reason: z.string().trim().min(1),
    page: z.url().optional(),
    own: z.boolean().optional(),
  }),
);

/**
 * Reads actions that lead to no more access from parsed JSON.
 *
 * @throws z.ZodError when they have another form, something that is no action, or no reason
 */
export const parseHarmlessActions = (json: unknown): readonly HarmlessActions[] => HARMLESS_ACTIONS.parse(json);

/**
 * Everything that some actor may do, that changes something, and that no step of escalation follows: by statement, with its
 * access level. Only what is listed as harmless is left out; an action that the service data do not know is not.
 *
 * @throws PolicyError when a policy is not valid, DeploymentError when ids are not unique
 */
export function notFollowed(deployment: Deployment, harmless: readonly HarmlessActions[]): Permission[] {
  const actors = escalatingActors(deployment).map((actor) => withOwnPermissions(deployment, actor));
  const needs = escalationStepsOf(deployment).flatMap((step) => step.needs.flat());
  const requests = requestsOf(deployment, needs);
  const somewhere = needs.filter((need): need is ActionSomewhere => typeof need !== 'string' && 'anyOf' in need && !need.onlyHelps);
  const isHarmless = harmlessCheck(deployment, harmless);
  const isFollowed = followedCheck(somewhere);
  const covers = (part: AllowingPart, action: string) => isHarmless(part, action) || isFollowed(part, action);
  const changing = levelsThatChange(deployment);
  return permissionsBeyond(deployment, actors, { requests, covers }).filter(({ accessLevel }) => changing.has(accessLevel));
}

/** The root user may do everything; what somebody of another account may do there is none of this account's. */
function withOwnPermissions(deployment: Deployment, actor: Actor): Actor {
  if (actor.principal.account !== deployment.account) return { ...actor, identity: [] };
  return actor.principal.kind === 'root' ? { ...actor, identity: [ALLOW_ALL] } : actor;
}

/** The requests that steps take, and those of reading itself and of taking a key for a table. */
function requestsOf(deployment: Deployment, needs: readonly Need[]): OperationStep[] {
  const operations = new Map(operationsOf(deployment).map((operation) => [operation.id, operation]));
  const ids: OperationId[] = [
    ...needs.filter((need) => typeof need === 'string'),
    ...readingsOf(deployment).map(({ operation }) => operation),
    ...deployment.tables.map(({ name }): OperationId => `table/${idName(deployment, name)}/select-key`),
  ];
  const own = needs.filter((need): need is OperationStep => typeof need !== 'string' && !('anyOf' in need));
  return [...own, ...ids.flatMap((id) => operations.get(id)?.steps ?? [])];
}

/** Whether steps follow an action on whatever resource, or from whichever provider it takes a token. */
function followedCheck(somewhere: readonly ActionSomewhere[]) {
  const exceptions = new Map<string, (readonly string[])[]>();
  for (const { anyOf, except = [] } of somewhere) for (const action of anyOf) exceptions.set(action, [...(exceptions.get(action) ?? []), except]);
  return ({ resource, principal, actors }: AllowingPart, action: string): boolean => {
    if (principal?.startsWith('Federated ') && WITH_TOKEN.includes(action)) return true;
    // Whether somebody may do something on whatever resource is told by its own policies.
    return principal === undefined && exceptions.get(action)?.some((except) => actors.some((actor) => isElsewhere(resource, actor, except))) === true;
  };
}

const WITH_TOKEN = ['sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML'];

/** Whether an action is listed as harmless; some are only on what is one's own. */
function harmlessCheck(deployment: Deployment, harmless: readonly HarmlessActions[]) {
  const { ownUser, ownMfaDevice } = decoyArns(deployment);
  const always = new Set(harmless.flatMap(({ actions, own }) => (own ? [] : actions)));
  const onOwn = new Set(harmless.flatMap(({ actions, own }) => (own ? actions : [])));
  return ({ resource, actors }: AllowingPart, action: string): boolean =>
    always.has(action) || (onOwn.has(action) && actors.length > 0 && !actors.some((actor) => isElsewhere(resource, actor, [ownUser, ownMfaDevice])));
}

/** Tags decide about access only where a policy tests them. */
function levelsThatChange(deployment: Deployment): ReadonlySet<Permission['accessLevel']> {
  const testsTags = policiesOf(deployment).some(
    ({ text }) => isUnknown(text) || /"[a-z0-9-]+:(\w*tag\w*\/|tagkeys")/i.test(text) || /\$\{[^}]*tag[^}]*\}/i.test(text),
  );
  return new Set<Permission['accessLevel']>(['Write', 'Permissions management', 'unknown', ...(testsTags ? (['Tagging'] as const) : [])]);
}
