import { provisionalStacks, type StackName } from '../application';
import type { Deployment } from '../graph/deployment';
import { readDeployment } from '../graph/read';
import { DeploymentError } from '../graph/resources';
import { changesOf, isPlan, resourcesBefore, resourcesOf, type TerraformDocument, type TerraformResource } from '../graph/terraform-json';
import { type Cell, decideCell, decideSteps, type StepDecision } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import { type Actor, actorsOf } from '../matrix/principals';
import { causeOfGain, causeOfLoss, statementsOf } from './cause';
import { type Protection, protectionChanges } from './protection';

/** What applying plans would do to access. In gained and lost cells, `decidedBy` is what in the plans does it. */
export interface AccessChange {
  readonly gained: readonly Cell[];
  readonly lost: readonly Cell[];
  readonly undetermined: readonly Cell[];
  readonly protections: readonly Protection[];
  /** Stacks whose plan, if there is one, does not hold before those that they need are applied. */
  readonly pending: readonly StackName[];
}

/**
 * Compares the deployment before and after plans; documents that are states stay as they are.
 *
 * @param unplanned stacks of which no document tells, because they cannot be planned yet
 */
export function accessChange(documents: readonly TerraformDocument[], unplanned: readonly StackName[] = []): AccessChange {
  const before = sideOf(documents.flatMap((one) => (isPlan(one) ? resourcesBefore(one) : resourcesOf(one))));
  const after = sideOf(documents.flatMap(resourcesOf));
  const was = statementsOf(before.deployment);
  const becomes = statementsOf(after.deployment);
  const gained: Cell[] = [];
  const lost: Cell[] = [];
  const undetermined: Cell[] = [];
  for (const name of everybody(before, after)) {
    for (const operationName of new Set([...after.operations.keys(), ...before.operations.keys()])) {
      const old = before.ask(name, operationName, after);
      const now = after.ask(name, operationName, before);
      if ((old?.cell.outcome ?? 'denied') === (now?.cell.outcome ?? 'denied')) continue;
      if (now?.cell.outcome === 'allowed') gained.push({ ...now.cell, decidedBy: causeOfGain(old?.steps() ?? [], now.steps(), was, becomes) });
      else if (now?.cell.outcome === 'undetermined') undetermined.push(now.cell);
      else if (old?.cell.outcome === 'allowed') {
        lost.push({ ...old.cell, outcome: 'denied', decidedBy: now ? causeOfLoss(old.steps(), now.steps(), was, becomes) : 'it is gone' });
      }
    }
  }
  return {
    gained,
    lost,
    undetermined: [...undetermined, ...unread(documents, after.deployment)],
    protections: protectionChanges(documents, before.deployment, after.deployment),
    pending: [...unplanned, ...provisionalStacks(documents)],
  };
}

/** Resources that a plan makes or changes, but that are not read: what they mean to access nobody has decided. */
function unread(documents: readonly TerraformDocument[], after: Deployment | undefined): Cell[] {
  const changed = new Set(documents.flatMap(changesOf).flatMap(({ address, actions }) => (actions.includes('no-op') ? [] : [address])));
  return (after?.unsupported ?? [])
    .filter((address) => changed.has(address))
    .map((actor) => ({ actor, operation: 'what it means to access', outcome: 'undetermined', decidedBy: 'resources of this type are not read' }));
}

/** Everybody of both sides; whoever is the same under two names, as the first deployer may be, under one. */
function everybody(before: Side, after: Side): Set<string> {
  const beside = (actor: Actor) => actor.policySourceIds.size === 0;
  const known = new Map([...before.actors.values()].filter(beside).map(({ name, principal }) => [principal.arn, name]));
  const others = [...after.actors.values()].filter((actor) => !beside(actor) || (known.get(actor.principal.arn) ?? actor.name) === actor.name);
  return new Set([...others.map(({ name }) => name), ...before.actors.keys()]);
}

/** What one side of a change answers about a cell. */
interface Answer {
  readonly cell: Cell;
  steps(): readonly StepDecision[];
}

/** One side of a change: everybody, and everything that the matrix asks. */
class Side {
  readonly actors: ReadonlyMap<string, Actor>;
  readonly operations: ReadonlyMap<string, OperationModel>;

  constructor(readonly deployment: Deployment | undefined) {
    this.actors = new Map((deployment ? actorsOf(deployment) : []).map((actor) => [actor.name, actor]));
    this.operations = new Map((deployment ? operationsOf(deployment) : []).map((operation) => [operation.name, operation]));
  }

  /** Nothing where the operation, or the actor, is not there. Who has no policy of the deployment is there on both sides. */
  ask(actorName: string, operationName: string, other: Side): Answer | undefined {
    const elsewhere = other.actors.get(actorName);
    const actor = this.actors.get(actorName) ?? (elsewhere?.policySourceIds.size === 0 ? elsewhere : undefined);
    const operation = this.operations.get(operationName);
    return actor && operation && { cell: decideCell(actor, operation), steps: () => decideSteps(actor, operation) };
  }
}

/** Before the first deployment there is nothing to decide about. */
function sideOf(resources: readonly TerraformResource[]): Side {
  if (!resources.some((one) => one.mode === 'managed')) return new Side(undefined);
  try {
    return new Side(readDeployment(resources));
  } catch (error) {
    if (error instanceof DeploymentError && !resources.some((one) => one.mode === 'managed' && one.type.startsWith('aws_'))) return new Side(undefined);
    throw error;
  }
}
