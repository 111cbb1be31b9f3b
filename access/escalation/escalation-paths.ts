import { type Deployment, policySourceId } from '../graph/deployment';
import type { ActorId, DataId, OperationId, StepId } from '../matrix/ids';
import { idName } from '../matrix/operation';
import { EscalationState, type Reached } from './escalation-state';
import { type EscalationStep, escalationStepsOf } from './escalation-steps';

/** How an actor can come to read data in clear: the shortest chain of permitted steps. */
export interface EscalationPath {
  readonly actor: ActorId;
  readonly reads: DataId;
  /** Empty for those who read by themselves. */
  readonly steps: readonly StepId[];
}

const MAX_STEPS = 4;

/**
 * Finds who can become able to read, by steps that the policies permit. A changed policy is taken to allow
 * everything to everybody, so no way is missed; what cannot be decided counts as permitted.
 *
 * @throws PolicyError when a policy is not valid, DeploymentError when ids are not unique
 * @example
 * const readersOfTheTable = escalationPaths(deployment).filter(({ reads }) => reads === 'table/Person');
 */
export function escalationPaths(deployment: Deployment): EscalationPath[] {
  const state = new EscalationState(deployment);
  const steps = escalationStepsOf(deployment);
  return state.actorIds.flatMap((actor) =>
    readOperations(deployment).flatMap(({ reads, operation }) => {
      const shortest = shortestChain(state, steps, actor, operation);
      return shortest ? [{ actor, reads, steps: shortest }] : [];
    }),
  );
}

/** What is read, and the operation that reads it. */
function readOperations(deployment: Deployment): { readonly reads: DataId; readonly operation: OperationId }[] {
  const deadLetterArns = new Set(deployment.queues.map(({ deadLetterArn }) => deadLetterArn));
  return [
    ...deployment.tables.map(({ name }) => {
      const reads = `table/${idName(deployment, name)}` as const;
      return { reads, operation: `${reads}/scan` as const };
    }),
    ...deployment.queues.map(({ name, arn }) => {
      const reads = `queue/${idName(deployment, name)}` as const;
      return { reads, operation: deadLetterArns.has(arn) ? (`${reads}/receive-dead-letters` as const) : (`${reads}/receive` as const) };
    }),
  ];
}

/** Breadth first over what can be reached; permissions only grow, so the first hit is the shortest chain. */
function shortestChain(state: EscalationState, steps: readonly EscalationStep[], actor: ActorId, operation: OperationId): readonly StepId[] | undefined {
  let level: Reached[] = [{ identities: new Set([actor]), escalated: new Set(), exposed: new Set(), steps: [] }];
  const seen = new Set<string>();
  for (let depth = 0; depth <= MAX_STEPS; depth++) {
    const hit = level.find((reached) => state.can(reached, operation));
    if (hit) return hit.steps;
    level = level.flatMap((reached) =>
      steps.flatMap((step): Reached[] => {
        const next = reachedBy(state, reached, step);
        if (!next) return [];
        const cacheKey = [next.identities, next.escalated, next.exposed].map((set) => [...set].sort().join()).join(' / ');
        if (seen.has(cacheKey)) return [];
        seen.add(cacheKey);
        return [next];
      }),
    );
  }
  return undefined;
}

/** What is reached by a step; nothing when it is not permitted, or brings nothing new. */
function reachedBy(state: EscalationState, reached: Reached, step: EscalationStep): Reached | undefined {
  const { identities, escalated, exposed } = reached;
  const by = [...identities].filter((actor) => !(step.notByRoot && actor === 'root') && (step.from === undefined || step.from === actor));
  const assumed = step.assumes !== undefined && !identities.has(step.assumes) ? [step.assumes] : [];
  const newlyEscalated = (step.escalates ?? []).filter((actor) => identities.has(actor) && !escalated.has(actor));
  const newlyExposed = (step.exposes ?? []).map(policySourceId).filter((sourceId) => !exposed.has(sourceId));
  if (assumed.length + newlyEscalated.length + newlyExposed.length === 0) return undefined;
  if (!step.operations.every((operation) => state.can(reached, operation, by))) return undefined;
  return {
    identities: new Set([...identities, ...assumed]),
    escalated: new Set([...escalated, ...newlyEscalated]),
    exposed: new Set([...exposed, ...newlyExposed]),
    steps: [...reached.steps, step.id],
  };
}
