import { type Deployment, type PolicySource, policiesOf, policySourceId, withPolicies } from '../graph/deployment';
import { type Actor, ALLOW_ALL, actorsOf } from '../matrix/actors';
import { allowAllDocument } from '../matrix/allow-all';
import type { ActorId, OperationId, StepId } from '../matrix/ids';
import { decideCell } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';

/** What an actor has made of its permissions so far. */
export interface Reached {
  /** Actors of the matrix as whom it can act. */
  readonly identities: ReadonlySet<ActorId>;
  /** Those of them that have every permission of IAM. */
  readonly escalated: ReadonlySet<ActorId>;
  /** Policies that allow everything, by `policySourceId`. */
  readonly exposed: ReadonlySet<string>;
  readonly steps: readonly StepId[];
}

/**
 * Decides operations for actors that may have escalated, in a deployment of which some policies may be
 * exposed.
 */
export class EscalationState {
  private readonly actors: ReadonlyMap<ActorId, Actor>;
  private readonly policies: ReadonlyMap<string, PolicySource>;
  private readonly operationsByExposed = new Map<string, ReadonlyMap<OperationId, OperationModel>>();
  private readonly decided = new Map<string, boolean>();

  constructor(private readonly deployment: Deployment) {
    this.actors = new Map(actorsOf(deployment).map((actor) => [actor.id, actor]));
    this.policies = new Map(policiesOf(deployment).map((policy) => [policySourceId(policy), policy]));
  }

  get actorIds(): readonly ActorId[] {
    return [...this.actors.keys()];
  }

  /** Whether an operation is permitted to one of the identities reached, or of those in `as`. */
  can({ identities, escalated, exposed }: Reached, operation: OperationId, as: Iterable<ActorId> = identities): boolean {
    return [...as].some((actor) => this.decide(actor, escalated.has(actor), exposed, operation));
  }

  private decide(actorId: ActorId, isEscalated: boolean, exposed: ReadonlySet<string>, operationId: OperationId): boolean {
    const exposedKey = [...exposed].sort().join('\n');
    const cacheKey = `${exposedKey}\n${actorId}\n${isEscalated}\n${operationId}`;
    let result = this.decided.get(cacheKey);
    if (result === undefined) {
      const actor = this.actors.get(actorId);
      const operation = this.operations(exposedKey, exposed).get(operationId);
      // An id that names nothing must not count as a step that nobody can take.
      if (!actor) throw new Error(`The matrix has no actor ${actorId}`);
      if (!operation) throw new Error(`The matrix has no operation ${operationId}`);
      const asReached = isEscalated ? { ...actor, identity: [...actor.identity, ALLOW_ALL] } : actor;
      result = decideCell(asReached, operation).outcome !== 'denied';
      this.decided.set(cacheKey, result);
    }
    return result;
  }

  private operations(exposedKey: string, exposed: ReadonlySet<string>): ReadonlyMap<OperationId, OperationModel> {
    let operations = this.operationsByExposed.get(exposedKey);
    if (!operations) {
      const texts = new Map<string, string>();
      for (const sourceId of exposed) {
        const policy = this.policies.get(sourceId);
        if (policy) texts.set(sourceId, exposedText(policy));
      }
      operations = new Map(operationsOf(withPolicies(this.deployment, texts)).map((operation) => [operation.id, operation]));
      this.operationsByExposed.set(exposedKey, operations);
    }
    return operations;
  }
}

/**
 * The text of a policy that an actor has changed in its own favour. A policy of a resource may name its own
 * service only.
 */
function exposedText({ kind, text }: PolicySource): string {
  const service = kind === 'key' ? 'kms' : /"(sqs|dynamodb):/.exec(text)?.[1];
  return JSON.stringify(allowAllDocument({ principal: '*', action: service ? `${service}:*` : '*' }));
}
