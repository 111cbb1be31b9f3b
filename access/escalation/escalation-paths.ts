import type { Deployment } from '../graph/deployment';
import type { ActorId, DataId, OperationId, StepId } from '../matrix/ids';
import { idName, idOfLogs } from '../matrix/operation';
import { EscalationState, type Reached } from './escalation-state';
import type { EscalationStep } from './escalation-step';

/** How an actor can come to read data in clear: the shortest chain of permitted steps. */
export interface EscalationPath {
  readonly actor: ActorId;
  readonly reads: DataId;
  /** Empty for those who read by themselves. */
  readonly steps: readonly StepId[];
}

/** Data, and the operation that reads it. */
export interface Reading {
  readonly reads: DataId;
  readonly operation: OperationId;
}

const MAX_STEPS = 4;

/**
 * Finds who can become able to read, by steps that the policies permit. A changed policy is taken to allow
 * everything to everybody, so no way is missed; what cannot be decided counts as permitted.
 *
 * @param actors all by default
 * @throws PolicyError when a policy is not valid, DeploymentError when ids are not unique
 * @example
 * const readersOfTheTable = escalationPaths(deployment).filter(({ reads }) => reads === 'table/Person');
 */
export function escalationPaths(deployment: Deployment, actors?: readonly ActorId[]): EscalationPath[] {
  const state = new EscalationState(deployment);
  const readings = readingsOf(deployment);
  return (actors ?? state.actorIds).flatMap((actor) => {
    const chains = shortestChains(state, actor, readings);
    return readings.flatMap(({ reads }) => {
      const steps = chains.get(reads);
      return steps ? [{ actor, reads, steps }] : [];
    });
  });
}

/** What is read, and the operation that reads it. */
export function readingsOf(deployment: Deployment): Reading[] {
  const deadLetterArns = new Set(deployment.queues.map(({ deadLetterArn }) => deadLetterArn));
  return [
    ...deployment.tables.map(({ name }): Reading => {
      const reads = `table/${idName(deployment, name)}` as const;
      return { reads, operation: `${reads}/scan` };
    }),
    ...deployment.queues.map(({ name, arn }): Reading => {
      const reads = `queue/${idName(deployment, name)}` as const;
      return { reads, operation: deadLetterArns.has(arn) ? `${reads}/receive-dead-letters` : `${reads}/receive` };
    }),
    ...deployment.logGroups.map(({ name }): Reading => {
      const reads = `logs/${idOfLogs(deployment, name)}` as const;
      return { reads, operation: `${reads}/read` };
    }),
  ];
}

/** Breadth first over what can be reached, so the first chain that leads to data is a shortest one. */
function shortestChains(state: EscalationState, actor: ActorId, readings: readonly Reading[]): ReadonlyMap<DataId, readonly StepId[]> {
  const chains = new Map<DataId, readonly StepId[]>();
  const seen = new Set<string>();
  let level: Reached[] = [{ identities: new Set([actor]), escalated: new Set(), changes: new Map(), copies: new Set(), steps: [] }];
  for (let depth = 0; level.length > 0; depth++) {
    for (const { reads, operation } of readings) {
      if (chains.has(reads)) continue;
      const hit = level.find((reached) => reached.copies.has(reads) || state.can(reached, operation));
      if (hit) chains.set(reads, hit.steps);
    }
    if (depth === MAX_STEPS || chains.size === readings.length) break;
    level = level.flatMap((reached) =>
      state.stepsAt(reached).flatMap((step): Reached[] => {
        const next = reachedBy(state, reached, step);
        const stateKey = next && keyOf(next);
        if (!next || !stateKey || seen.has(stateKey)) return [];
        seen.add(stateKey);
        return [next];
      }),
    );
  }
  return chains;
}

const keyOf = ({ identities, escalated, changes, copies }: Reached) =>
  [identities, escalated, changes.keys(), copies].map((members) => [...members].sort().join()).join(' / ');

/** What is reached by a step; nothing when it is not permitted, or brings nothing new. */
function reachedBy(state: EscalationState, reached: Reached, step: EscalationStep): Reached | undefined {
  const { identities, escalated, changes, copies } = reached;
  const by = [...identities].filter((actor) => !(step.notByRoot && actor === 'root') && (step.from === undefined || step.from === actor));
  const assumed = (step.assumes ?? []).filter((actor) => !identities.has(actor));
  const newlyEscalated = (step.escalates ?? []).filter((actor) => identities.has(actor) && !escalated.has(actor));
  const newlyChanged = (step.changes ?? []).filter((change) => !changes.has(idOf(change)));
  const copied = (step.copies ?? []).filter((data) => !copies.has(data));
  if (assumed.length + newlyEscalated.length + newlyChanged.length + copied.length === 0) return undefined;
  if (!state.canTake(reached, step, by)) return undefined;
  return {
    identities: new Set([...identities, ...assumed]),
    escalated: new Set([...escalated, ...newlyEscalated]),
    changes: new Map([...changes, ...newlyChanged.map((change) => [idOf(change), change] as const)]),
    copies: new Set([...copies, ...copied]),
    steps: [...reached.steps, step.id],
  };
}

const idOf = ({ becomes, sourceId }: { readonly becomes: string; readonly sourceId: string }) => `${becomes} ${sourceId}`;
