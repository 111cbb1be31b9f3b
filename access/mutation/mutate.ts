import { formatArn } from '../../evaluator/arn';
import { PolicyError } from '../../evaluator/errors';
import { compileSource, type Deployment, policiesOf, policySourceId, withPolicies } from '../graph/deployment';
import { type Actor, actorsOf } from '../matrix/actors';
import type { MutationId, PolicyId } from '../matrix/ids';
import { decideCell } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import { type AccessModel, heldPolicyId, withTexts } from '../model/access-model';
import { compareAccess } from '../space/compare-access';
import { type Mutant, mutantsOf } from './mutants';

/** A mutant that changes no cell, without the prefix, account and region of the deployment. */
export interface UncaughtMutant {
  readonly policy: PolicyId;
  readonly statement: string;
  readonly change: MutationId;
}

/** One that changes what some request may do, or of which this is not known. */
export interface Survivor extends UncaughtMutant {
  /** The request, or why it is not known, for people. */
  readonly reason: string;
}

/** What became of all mutants. */
export interface MutationResult {
  /** How many mutants there are. */
  readonly mutants: number;
  /** How many of them change a cell, or are no valid policy. */
  readonly caught: number;
  /** Mutants that change no request at all: the deployment has another statement to the same effect. */
  readonly equal: readonly UncaughtMutant[];
  /** Mutants that change no cell although they change requests: a permission that nothing guards. */
  readonly survivors: readonly Survivor[];
}

/**
 * Makes every mutant of every policy and recomputes the matrix. A mutant that changes no cell is compared with the deployment
 * over all requests, with condition keys where AWS documents them.
 *
 * @param model of the same resources as the deployment
 * @throws PolicyError when a policy of the deployment itself is not valid
 * @example
 * if (mutate(readDeployment(resources), readModel(resources)).survivors.length > 0) process.exitCode = 1;
 */
export function mutate(deployment: Deployment, model: AccessModel): MutationResult {
  const root = formatArn({ partition: deployment.partition, service: 'iam', region: '', account: deployment.account, resource: 'root' });
  const mutants = policiesOf(deployment).flatMap((policy) => mutantsOf(policy, root));
  const baseline = baselineOf(deployment);
  const uncaught = mutants.filter((mutant) => !isCaught(deployment, mutant, baseline));
  const compared = uncaught.map((mutant) => ({ named: nameOf(deployment, mutant), reason: differenceOf(model, mutant) }));
  return {
    mutants: mutants.length,
    caught: mutants.length - uncaught.length,
    equal: compared.flatMap(({ named, reason }) => (reason === undefined ? [named] : [])),
    survivors: compared.flatMap(({ named, reason }) => (reason === undefined ? [] : [{ ...named, reason }])),
  };
}

/** A request that the mutant decides differently, or why this is not known; nothing when there is none. */
function differenceOf(model: AccessModel, { policy, text }: Mutant): string | undefined {
  const changed = withTexts(model, new Map([[heldPolicyId(policy), text]]));
  const { differences, undetermined } = compareAccess(model, changed, { asDocumented: true });
  const [difference] = differences;
  if (difference === undefined) return undetermined[0];
  const { who, witness, side } = difference;
  return `${who}: ${witness.action} on ${witness.resource} with ${JSON.stringify(witness.context)} is allowed ${side === 'before' ? 'without' : 'by'} the change only`;
}

/** Without what differs from one deployment to the next. */
function nameOf({ prefix, account, region }: Deployment, { policy, statement, change }: Mutant): UncaughtMutant {
  const withoutPrefix = <Id extends string>(id: Id) => (prefix ? (id.replaceAll(prefix, '') as Id) : id);
  return {
    policy: withoutPrefix(policy.id),
    statement,
    change: withoutPrefix(change).replaceAll(account, 'ACCOUNT').replaceAll(region, 'REGION') as MutationId,
  };
}

interface Baseline {
  readonly actors: readonly Actor[];
  readonly outcomes: ReadonlyMap<string, string>;
}

function baselineOf(deployment: Deployment): Baseline {
  const actors = actorsOf(deployment);
  const operations = operationsOf(deployment);
  const outcomes = actors.flatMap((actor) => operations.map((operation) => [cellKey(actor, operation), decideCell(actor, operation).outcome] as const));
  return { actors, outcomes: new Map(outcomes) };
}

const cellKey = (actor: Actor, operation: OperationModel) => `${actor.id} ${operation.id}`;

/**
 * Only cells that the policy takes part in can change: those of actors who have it, or of operations on its
 * resource.
 */
function isCaught(deployment: Deployment, { policy, text }: Mutant, { actors, outcomes }: Baseline): boolean {
  try {
    // A change that is no valid policy cannot be deployed.
    compileSource({ ...policy, text });
  } catch (error) {
    if (error instanceof PolicyError) return true;
    throw error;
  }
  const sourceId = policySourceId(policy);
  const changed = withPolicies(deployment, new Map([[sourceId, text]]));
  const differs = (actor: Actor, operation: OperationModel) => decideCell(actor, operation).outcome !== outcomes.get(cellKey(actor, operation));
  if (policy.kind === 'identity') {
    const operations = operationsOf(deployment);
    const holders = actorsOf(changed).filter((actor) => actor.policySourceIds.has(sourceId));
    return holders.some((actor) => operations.some((operation) => differs(actor, operation)));
  }
  // The actors stay the same, also where the policy no longer names them.
  const operations = operationsOf(changed).filter(({ steps }) => steps.some((step) => step.policy && policySourceId(step.policy) === sourceId));
  return actors.some((actor) => operations.some((operation) => differs(actor, operation)));
}
