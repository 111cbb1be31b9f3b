import type { Deployment, PolicySource, RoleModel } from '../graph/deployment';
import { actorsOf, roleActorId } from '../matrix/actors';
import type { ActorId, DataId, OperationId, StepId } from '../matrix/ids';
import { idName, type OperationStep } from '../matrix/operation';

/** An action that is needed on some resource, whichever that is. */
export interface ActionSomewhere {
  /** One of these, `service:Operation`. */
  readonly anyOf: readonly string[];
  /** ARNs that do not count; a pattern that matches others as well does. */
  readonly except?: readonly string[];
  /** Whether a resource of another account will do: then principals of other accounts can do it as well. */
  readonly inAnyAccount?: true;
  /** Whether it leads to nothing but what the rest of the step is about: by itself it is not followed. */
  readonly onlyHelps?: true;
}

/** What a step takes: an operation of the matrix, a request of its own, or an action on some resource. */
export type Need = OperationId | OperationStep | ActionSomewhere;

/** What becomes of a policy: it allows everything to everybody, and denies nothing or what it denied; or it is gone. */
export interface PolicyChange {
  readonly becomes: 'open' | 'wider' | 'gone';
  /** Address of the resource that holds it and attribute, see `policySourceId`; for a store without a policy see `heldBy`. */
  readonly sourceId: string;
}

/** A permission that can be turned into more: what it takes, and what it brings. */
export interface EscalationStep {
  readonly id: StepId;
  /** Of each list at least one must be allowed, all to one and the same identity. */
  readonly needs: readonly (readonly Need[])[];
  /** Actors of the matrix as whom one can act from then on. */
  readonly assumes?: readonly ActorId[];
  /** Actors that have every permission of IAM from then on. */
  readonly escalates?: readonly ActorId[];
  /** Policies that change. */
  readonly changes?: readonly PolicyChange[];
  /** Data of which one has a copy from then on. */
  readonly copies?: readonly DataId[];
  /** The one actor to whom it makes a difference, where it is one. */
  readonly from?: ActorId;
  /** The root user assumes no role, whatever its trust policy says. */
  readonly notByRoot?: boolean;
}

/** Needs that must all be met. */
export const allOf = (...needs: readonly Need[]): readonly (readonly Need[])[] => needs.map((need) => [need]);

/** A request of a step's own, with the policy of its resource. */
export const request = (action: string, resource: string, policy?: PolicySource, context?: OperationStep['context']): OperationStep => ({
  action,
  resource,
  policy,
  context,
});

/** Stands for the policy of a resource that has none, by its ARN. */
export const heldBy = (arn: string): string => `${arn} policy`;

const actorIds = new WeakMap<Deployment, readonly ActorId[]>();

/** The ids of all actors of the matrix. */
export function actorIdsOf(deployment: Deployment): readonly ActorId[] {
  const ids = actorIds.get(deployment) ?? actorsOf(deployment).map(({ id }) => id);
  actorIds.set(deployment, ids);
  return ids;
}

/** Everybody who acts as a role: in its function, in another one, and elsewhere. */
export function actorsOfRole(deployment: Deployment, role: RoleModel): ActorId[] {
  const id = `role/${idName(deployment, role.name)}`;
  const own = roleActorId(deployment, role);
  return [own, ...actorIdsOf(deployment).filter((actor) => actor !== own && actor.startsWith(`${id}/`))];
}
