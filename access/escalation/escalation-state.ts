import { formatArn } from '../../evaluator/arn';
import { parsePrincipal } from '../../evaluator/principal';
import type { Deployment } from '../graph/deployment';
import { type Actor, ALLOW_ALL, actorsOf } from '../matrix/actors';
import type { ActorId, DataId, OperationId, StepId } from '../matrix/ids';
import { decideCell, decideStep } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import { changedDeployment } from './changed-deployment';
import type { EscalationStep, Need, PolicyChange } from './escalation-step';
import { escalationStepsOf } from './escalation-steps';
import { federatedActorId, providersOf } from './federation-steps';
import { maySomewhere } from './somewhere';

/** What an actor has made of its permissions so far. */
export interface Reached {
  /** Actors of the matrix as whom it can act. */
  readonly identities: ReadonlySet<ActorId>;
  /** Those of them that have every permission of IAM. */
  readonly escalated: ReadonlySet<ActorId>;
  /** Policies that have changed, by what became of which. */
  readonly changes: ReadonlyMap<string, PolicyChange>;
  /** Data of which it has a copy. */
  readonly copies: ReadonlySet<DataId>;
  readonly steps: readonly StepId[];
}

/** A deployment of which some policies have changed. */
interface Variant {
  readonly account: string;
  readonly actors: ReadonlyMap<ActorId, Actor>;
  readonly operations: ReadonlyMap<OperationId, OperationModel>;
  readonly steps: readonly EscalationStep[];
  readonly decided: Map<string, boolean>;
}

/** Decides what actors can do that may have escalated, in a deployment of which some policies may have changed. */
export class EscalationState {
  private readonly actors: ReadonlyMap<ActorId, Actor>;
  private readonly variants = new Map<string, Variant>();
  private readonly escalatedActors = new WeakMap<Actor, Actor>();

  constructor(private readonly deployment: Deployment) {
    this.actors = new Map(escalatingActors(deployment).map((actor) => [actor.id, actor]));
  }

  get actorIds(): readonly ActorId[] {
    return [...this.actors.keys()];
  }

  /** The steps that there are with the policies as they have become. */
  stepsAt(reached: Reached): readonly EscalationStep[] {
    return this.variantOf(reached).steps;
  }

  /** Whether an operation of the matrix is permitted to one of the identities reached. */
  can(reached: Reached, operation: OperationId): boolean {
    return this.isPermitted(reached, [[operation]], operation, reached.identities);
  }

  /** Whether one of some identities may do all that a step takes. */
  canTake(reached: Reached, { needs }: EscalationStep, as: Iterable<ActorId>): boolean {
    return this.isPermitted(reached, needs, JSON.stringify(needs.map((list) => list.map(nameOf))), as);
  }

  private isPermitted(reached: Reached, needs: EscalationStep['needs'], needsKey: string, as: Iterable<ActorId>): boolean {
    const variant = this.variantOf(reached);
    return [...as].some((id) => {
      const cacheKey = `${id}\n${reached.escalated.has(id)}\n${needsKey}`;
      const known = variant.decided.get(cacheKey);
      if (known !== undefined) return known;
      const actor = this.actorIn(variant, id, reached.escalated.has(id));
      const result = needs.every((list) => list.some((need) => meets(variant, actor, need)));
      variant.decided.set(cacheKey, result);
      return result;
    });
  }

  private actorIn(variant: Variant, id: ActorId, isEscalated: boolean): Actor {
    const actor = variant.actors.get(id);
    // An id that names nothing must not count as a step that nobody can take.
    if (!actor) throw new Error(`The matrix has no actor ${id}`);
    if (!isEscalated) return actor;
    const escalated = this.escalatedActors.get(actor) ?? { ...actor, identity: [...actor.identity, ALLOW_ALL] };
    this.escalatedActors.set(actor, escalated);
    return escalated;
  }

  private variantOf({ changes }: Reached): Variant {
    const cacheKey = [...changes.keys()].sort().join('\n');
    let variant = this.variants.get(cacheKey);
    if (!variant) {
      const deployment = changedDeployment(this.deployment, changes.values());
      // Principals that only the policies named as they were do not vanish with them.
      const changed = deployment === this.deployment ? [] : actorsOf(deployment).filter(({ id }) => /^(role|user)\//.test(id));
      variant = {
        account: deployment.account,
        actors: new Map([...this.actors, ...changed.map((actor) => [actor.id, actor] as const)]),
        operations: new Map(operationsOf(deployment).map((operation) => [operation.id, operation])),
        steps: escalationStepsOf(deployment),
        decided: new Map(),
      };
      this.variants.set(cacheKey, variant);
    }
    return variant;
  }
}

/** What a need asks for, as a key: policies follow from the deployment. */
const nameOf = (need: Need): unknown => (typeof need === 'string' ? need : 'anyOf' in need ? need : { ...need, policy: undefined, grants: undefined });

function meets({ account, operations }: Variant, actor: Actor, need: Need): boolean {
  if (typeof need === 'string') {
    const operation = operations.get(need);
    if (!operation) throw new Error(`The matrix has no operation ${need}`);
    return decideCell(actor, operation).outcome !== 'denied';
  }
  if ('anyOf' in need) return maySomewhere(actor, account, need);
  return ['allowed', 'undetermined'].includes(decideStep(actor, need).outcome);
}

/** The actors of the matrix, and everybody who has a token of an identity provider that a trust policy names. */
export function escalatingActors(deployment: Deployment): Actor[] {
  const { partition } = deployment;
  // No policy of the deployment names such a caller otherwise: it has no permissions until it has assumed a role.
  const principal = parsePrincipal(formatArn({ partition, service: 'sts', region: '', account: NO_ACCOUNT, resource: 'federated-user/somebody' }));
  const federated = providersOf(deployment).flatMap((provider): Actor[] => {
    return principal ? [{ id: federatedActorId(provider), principal, identity: [], policySourceIds: new Set(), context: {} }] : [];
  });
  return [...actorsOf(deployment), ...federated];
}

/** An account that nobody has: AWS gives none of zeros. */
const NO_ACCOUNT = '000000000000';
