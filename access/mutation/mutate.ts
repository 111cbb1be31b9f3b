import { z } from 'zod';
import { formatArn } from '../../evaluator/arn';
import { PolicyError } from '../../evaluator/errors';
import { compileSource, type Deployment, policiesOf, policySourceId, withPolicies } from '../graph/deployment';
import { type Actor, actorsOf } from '../matrix/actors';
import { isMutationId, isPolicyId } from '../matrix/id-labels';
import type { MutationId, PolicyId } from '../matrix/ids';
import { decideCell } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import { type Mutant, mutantsOf } from './mutants';

/** A mutant that changes no cell, without the prefix, account and region of the deployment. */
export interface Survivor {
  readonly policy: PolicyId;
  readonly statement: string;
  readonly change: MutationId;
}

/** A survivor that is known, and why it is accepted. */
export interface Exception extends Survivor {
  readonly reason: string;
}

const EXCEPTIONS = z.array(
  z.strictObject({
    policy: z.custom<PolicyId>((policy) => typeof policy === 'string' && isPolicyId(policy), 'not the id of a policy'),
    statement: z.string(),
    change: z.custom<MutationId>((change) => typeof change === 'string' && isMutationId(change), 'not the id of a change'),
    reason: z.string().trim().min(1),
  }),
);

/**
 * Reads exceptions from parsed JSON.
 *
 * @throws z.ZodError when they have another form, an id that is none, or no reason
 */
export const parseExceptions = (json: unknown): readonly Exception[] => EXCEPTIONS.parse(json);

/** What became of all mutants. */
export interface MutationResult {
  /** How many mutants there are. */
  readonly mutants: number;
  /** How many of them change a cell, or are no valid policy. */
  readonly caught: number;
  /** Mutants that change no cell, although no exception says why that is right. */
  readonly survivors: readonly Survivor[];
  readonly justified: readonly Exception[];
  /** Exceptions that no mutant needs any more. */
  readonly stale: readonly Exception[];
}

/**
 * Makes every mutant of every policy and recomputes the matrix. A mutant that changes no cell is a permission
 * that nothing needs, or one that nothing guards.
 *
 * @throws PolicyError when a policy of the deployment itself is not valid
 * @example
 * const { survivors, stale } = mutate(deployment, parseExceptions(JSON.parse(readFileSync('exceptions.json', 'utf8'))));
 * if (survivors.length + stale.length > 0) process.exitCode = 1;
 */
export function mutate(deployment: Deployment, exceptions: readonly Exception[]): MutationResult {
  const root = formatArn({ partition: deployment.partition, service: 'iam', region: '', account: deployment.account, resource: 'root' });
  const mutants = policiesOf(deployment).flatMap((policy) => mutantsOf(policy, root));
  const baseline = baselineOf(deployment);
  const survivors = mutants.filter((mutant) => !isCaught(deployment, mutant, baseline)).map((mutant) => survivorOf(deployment, mutant));
  const isSame = (a: Survivor, b: Survivor) => a.policy === b.policy && a.statement === b.statement && a.change === b.change;
  return {
    mutants: mutants.length,
    caught: mutants.length - survivors.length,
    survivors: survivors.filter((survivor) => !exceptions.some((exception) => isSame(survivor, exception))),
    justified: exceptions.filter((exception) => survivors.some((survivor) => isSame(survivor, exception))),
    stale: exceptions.filter((exception) => !survivors.some((survivor) => isSame(survivor, exception))),
  };
}

/** Without what differs from one deployment to the next. */
function survivorOf({ prefix, account, region }: Deployment, { policy, statement, change }: Mutant): Survivor {
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
