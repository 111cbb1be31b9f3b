import type { Policy } from '../../evaluator/policy/compile';
import { provisionalStacks, type StackName } from '../application';
import type { Deployment } from '../graph/deployment';
import { DeploymentError } from '../graph/deployment-error';
import { readDeployment, readModel } from '../graph/read';
import { changesOf, isPlan, type TerraformDocument } from '../graph/terraform-json';

import { resourcesBefore, resourcesOf, type TerraformResource } from '../graph/terraform-resource';
import { type Actor, actorsOf } from '../matrix/actors';
import type { ActorId, OperationId } from '../matrix/ids';
import { type Cell, decideCell, decideSteps, type StepDecision } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import type { AccessModel } from '../model/access-model';
import { policyAddresses } from '../report/policy-addresses';
import { type PolicyMistake, policyMistakes } from '../report/policy-mistakes';
import { causeOfGain, causeOfLoss, type Statements, statementsOf } from './cause';
import { type Protection, protectionChanges } from './protection';
import { undecidedChanges } from './undecided-changes';
import { statementChanges, type WiderStatement } from './wider-statements';

/**
 * What applying plans would do to access. In gained and lost cells, `decidedBy` is what in the plans does it.
 */
export interface AccessChange {
  readonly gained: readonly Cell[];
  readonly lost: readonly Cell[];
  readonly undetermined: readonly Cell[];
  /** Statements by which more passes than before, whether an operation of the matrix asks about it or not. */
  readonly statements: readonly WiderStatement[];
  /** Statements by which less passes than before. */
  readonly lostStatements: readonly WiderStatement[];
  readonly protections: readonly Protection[];
  /** Stacks whose plan, if there is one, does not hold before those that they need are applied. */
  readonly pending: readonly StackName[];
  /** What looks mistaken in the policies that applying leads to. */
  readonly warnings: readonly PolicyMistake[];
  /** Addresses of the resources that hold the policies, by the names that decisions give these. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What is assumed because the JSON of another project does not tell it. */
  readonly assumed?: readonly string[];
}

/**
 * Compares the deployment before and after plans; documents that are states stay as they are.
 *
 * @param unplanned stacks of which there is no document, because they cannot be planned yet
 * @throws DeploymentError when the documents name no account or no region, PolicyError when a policy is not
 *   valid
 * @example
 * const { gained, undetermined } = accessChange([identityState, keysPlan, dataplaneState]);
 * gained.map(({ actor, operation }) => `${actor} | ${operation}`); // ['role/AdminRole | table/Person/scan']
 */
export function accessChange(documents: readonly TerraformDocument[], unplanned: readonly StackName[] = []): AccessChange {
  const before = sideOf(documents.flatMap((document) => (isPlan(document) ? resourcesBefore(document) : resourcesOf(document))));
  const after = sideOf(documents.flatMap(resourcesOf));
  const { gained, lost, undetermined } = compareSides(before, after);
  const statements = statementChanges(before, after);
  const unsupported = unsupportedChanges(documents, after.deployment);
  const told = new Set(unsupported.map(({ actor }) => actor.replace(/^resource\//, '')));
  return {
    gained,
    lost,
    undetermined: [...undetermined, ...unsupported],
    statements: [...statements.gained, ...undecidedChanges(documents, before.model, after.model, told)],
    lostStatements: statements.lost,
    protections: protectionChanges(documents, before.deployment, after.deployment),
    pending: [...unplanned, ...provisionalStacks(documents)],
    warnings: after.deployment ? policyMistakes(after.deployment) : [],
    addresses: policyAddresses(before.deployment, after.deployment),
  };
}

/** What a pipeline is told: nothing gained, something gained or less protected, or not known before apply. */
export type PlanOutcome = 'unchanged' | 'gained' | 'undetermined';

/** Sums a change up. What is gained counts more than what is not known. */
export function outcomeOf({ gained, undetermined, statements, protections, pending }: AccessChange): PlanOutcome {
  const wider = statements.filter((statement) => !statement.undetermined);
  if (gained.length + protections.length + wider.length > 0) return 'gained';
  return undetermined.length + statements.length + pending.length > 0 ? 'undetermined' : 'unchanged';
}

function compareSides(before: Side, after: Side): Record<'gained' | 'lost' | 'undetermined', Cell[]> {
  const gained: Cell[] = [];
  const lost: Cell[] = [];
  const undetermined: Cell[] = [];
  for (const actorId of actorIds(before, after)) {
    for (const operationId of new Set([...after.operations.keys(), ...before.operations.keys()])) {
      if (before.hasSame(actorId, operationId, after)) continue;
      const old = before.ask(actorId, operationId, after);
      const now = after.ask(actorId, operationId, before);
      if ((old?.cell.outcome ?? 'denied') === (now?.cell.outcome ?? 'denied')) continue;
      if (now?.cell.outcome === 'allowed') {
        gained.push({ ...now.cell, decidedBy: causeOfGain(old?.steps() ?? [], now.steps(), before.statements, after.statements) });
      } else if (now?.cell.outcome === 'undetermined') undetermined.push(now.cell);
      else if (old?.cell.outcome === 'allowed') {
        const decidedBy = now ? causeOfLoss(old.steps(), now.steps(), before.statements, after.statements) : 'it is gone';
        lost.push({ ...old.cell, outcome: 'denied', decidedBy });
      }
    }
  }
  return { gained, lost, undetermined };
}

/**
 * Resources of unsupported types that a plan makes or changes: nobody has decided what they mean to access.
 */
function unsupportedChanges(documents: readonly TerraformDocument[], after: Deployment | undefined): Cell[] {
  const changed = new Set(documents.flatMap(changesOf).flatMap(({ address, actions }) => (actions.includes('no-op') ? [] : [address])));
  return (after?.unsupported ?? [])
    .filter((address) => changed.has(address))
    .map((address) => ({
      actor: `resource/${address}`,
      operation: 'unsupported-type',
      outcome: 'undetermined',
      decidedBy: 'resources of this type are not supported',
    }));
}

/** The actors of both sides. A principal with two ids, such as the first deployer can have, is under one. */
function actorIds(before: Side, after: Side): Set<ActorId> {
  const isExternal = (actor: Actor) => actor.policySourceIds.size === 0;
  const idsBefore = new Map([...before.actors.values()].filter(isExternal).map(({ id, principal }) => [principal.arn, id]));
  const added = [...after.actors.values()].filter((actor) => !isExternal(actor) || (idsBefore.get(actor.principal.arn) ?? actor.id) === actor.id);
  return new Set([...added.map(({ id }) => id), ...before.actors.keys()]);
}

const textOf = ({ text }: Policy) => text;

/** What one side of a change answers about a cell. */
interface Answer {
  readonly cell: Cell;
  steps(): readonly StepDecision[];
}

/** One side of a change: its actors, and everything that the matrix asks. */
class Side {
  readonly actors: ReadonlyMap<ActorId, Actor>;
  readonly operations: ReadonlyMap<OperationId, OperationModel>;
  readonly statements: Statements;
  private readonly inputs = new Map<string, string>();

  /** @param model everything that decides, also what the matrix does not ask about */
  constructor(
    readonly deployment: Deployment | undefined,
    readonly model: AccessModel | undefined,
  ) {
    this.actors = new Map((deployment ? actorsOf(deployment) : []).map((actor) => [actor.id, actor]));
    this.operations = new Map((deployment ? operationsOf(deployment) : []).map((operation) => [operation.id, operation]));
    this.statements = statementsOf(deployment);
  }

  /** Whether all that decides a cell is the same on the other side. */
  hasSame(actorId: ActorId, operationId: OperationId, other: Side): boolean {
    const [actor, operation] = [this.inputOfActor(actorId), this.inputOfOperation(operationId)];
    return actor !== undefined && operation !== undefined && actor === other.inputOfActor(actorId) && operation === other.inputOfOperation(operationId);
  }

  /** What of an actor decides, as one text. */
  private inputOfActor(id: ActorId): string | undefined {
    return this.inputOf(`actor ${id}`, this.actors.get(id), ({ principal, identity, boundary, context }) => [
      principal,
      identity.map(textOf),
      boundary?.map(textOf),
      context,
    ]);
  }

  /** What of an operation decides, as one text. */
  private inputOfOperation(id: OperationId): string | undefined {
    return this.inputOf(`operation ${id}`, this.operations.get(id), ({ steps }) => steps.map(({ policy, ...step }) => [step, policy?.kind, policy?.text]));
  }

  private inputOf<Item>(key: string, item: Item | undefined, decisive: (item: Item) => unknown): string | undefined {
    if (item === undefined) return undefined;
    const input = this.inputs.get(key) ?? JSON.stringify(decisive(item));
    this.inputs.set(key, input);
    return input;
  }

  /**
   * Nothing where the operation, or the actor, is not there. An actor without policies of the deployment is
   * on both sides.
   */
  ask(actorId: ActorId, operationId: OperationId, other: Side): Answer | undefined {
    const onOtherSide = other.actors.get(actorId);
    const actor = this.actors.get(actorId) ?? (onOtherSide?.policySourceIds.size === 0 ? onOtherSide : undefined);
    const operation = this.operations.get(operationId);
    return actor && operation && { cell: decideCell(actor, operation), steps: () => decideSteps(actor, operation) };
  }
}

/** Before the first deployment there is nothing to decide about. */
function sideOf(resources: readonly TerraformResource[]): Side {
  const managed = resources.filter(({ mode }) => mode === 'managed');
  if (managed.length === 0) return new Side(undefined, undefined);
  try {
    return new Side(readDeployment(resources), readModel(resources));
  } catch (error) {
    if (error instanceof DeploymentError && !managed.some(({ type }) => type.startsWith('aws_'))) return new Side(undefined, undefined);
    throw error;
  }
}
