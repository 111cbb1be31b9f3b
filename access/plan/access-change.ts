import { type Deployment, DeploymentError, readDeployment } from '../deployment/deployment';
import { provisionalStacks, type StackName } from '../deployment/stacks';
import { isPlan, resourcesBefore, resourcesOf, type TerraformDocument, type TerraformResource } from '../deployment/terraform-json';
import { type Cell, decideCell, decideSteps } from '../matrix/matrix';
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
  for (const operation of after.operations.values()) {
    for (const actor of after.actors.values()) {
      const now = decideCell(actor, operation);
      const then = before.decide(actor.name, operation.name);
      if (now.outcome === (then?.outcome ?? 'denied')) continue;
      const [stepsBefore, stepsAfter] = [before.steps(actor.name, operation.name), decideSteps(actor, operation)];
      if (now.outcome === 'allowed') gained.push({ ...now, decidedBy: causeOfGain(stepsBefore, stepsAfter, was, becomes) });
      else if (now.outcome === 'undetermined') undetermined.push(now);
      else if (then?.outcome === 'allowed') lost.push({ ...now, decidedBy: causeOfLoss(stepsBefore, stepsAfter, was, becomes) });
    }
  }
  return {
    gained,
    lost: [...lost, ...vanished(before, after)],
    undetermined,
    protections: protectionChanges(documents, before.deployment, after.deployment),
    pending: [...unplanned, ...provisionalStacks(documents)],
  };
}

/** What somebody could do with something that will no longer be there, or who will not. */
function vanished(before: Side, after: Side): Cell[] {
  return [...before.actors.values()].flatMap((actor) =>
    [...before.operations.values()]
      .filter((operation) => !after.actors.has(actor.name) || !after.operations.has(operation.name))
      .map((operation) => decideCell(actor, operation))
      .filter(({ outcome }) => outcome === 'allowed')
      .map((cell) => ({ ...cell, outcome: 'denied' as const, decidedBy: 'it is gone' })),
  );
}

/** One side of a change: everybody, and everything that the matrix asks. */
class Side {
  readonly actors: ReadonlyMap<string, Actor>;
  readonly operations: ReadonlyMap<string, OperationModel>;

  constructor(readonly deployment: Deployment | undefined) {
    this.actors = new Map((deployment ? actorsOf(deployment) : []).map((actor) => [actor.name, actor]));
    this.operations = new Map((deployment ? operationsOf(deployment) : []).map((operation) => [operation.name, operation]));
  }

  decide(actorName: string, operationName: string): Cell | undefined {
    const [actor, operation] = [this.actors.get(actorName), this.operations.get(operationName)];
    return actor && operation && decideCell(actor, operation);
  }

  steps(actorName: string, operationName: string) {
    const [actor, operation] = [this.actors.get(actorName), this.operations.get(operationName)];
    return actor && operation ? decideSteps(actor, operation) : [];
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
