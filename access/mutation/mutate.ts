import { PolicyError } from '../../evaluator/errors';
import { compileSource, type Deployment, policiesOf, policySourceId, withPolicies } from '../graph/deployment';
import { decideCell } from '../matrix/matrix';
import type { OperationModel } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import { type Actor, actorsOf } from '../matrix/principals';
import { type Mutant, mutantsOf } from './mutants';

/** A mutant that changes no cell, although nobody said why that is right. */
export interface Survivor {
  readonly policy: string;
  readonly statement: string;
  readonly change: string;
}

/** A survivor that is known, and why it is accepted. */
export interface Exception extends Survivor {
  readonly reason: string;
}

/** What became of all mutants. */
export interface MutationResult {
  readonly mutants: number;
  readonly caught: number;
  readonly survivors: readonly Survivor[];
  readonly justified: readonly Exception[];
  /** Exceptions that no mutant needs any more. */
  readonly stale: readonly Exception[];
}

/**
 * Makes every mutant of every policy and recomputes the matrix. A mutant that changes no cell is a permission that nothing
 * needs, or one that nothing guards.
 */
export function mutate(deployment: Deployment, exceptions: readonly Exception[]): MutationResult {
  const root = `arn:${deployment.partition}:iam::${deployment.account}:root`;
  const mutants = policiesOf(deployment).flatMap((policy) => mutantsOf(policy, root));
  const baseline = baselineOf(deployment);
  const short = (name: string) => name.replaceAll(deployment.prefix, '');
  const survivors: Survivor[] = [];
  let caught = 0;
  for (const mutant of mutants) {
    if (isCaught(deployment, mutant, baseline)) caught += 1;
    else
      survivors.push({
        policy: short(mutant.policy.name),
        statement: mutant.statement,
        change: short(mutant.change).replaceAll(deployment.account, 'ACCOUNT').replaceAll(deployment.region, 'REGION'),
      });
  }
  const same = (a: Survivor, b: Survivor) => a.policy === b.policy && a.statement === b.statement && a.change === b.change;
  return {
    mutants: mutants.length,
    caught,
    survivors: survivors.filter((one) => !exceptions.some((exception) => same(one, exception))),
    justified: exceptions.filter((exception) => survivors.some((one) => same(one, exception))),
    stale: exceptions.filter((exception) => !survivors.some((one) => same(one, exception))),
  };
}

interface Baseline {
  readonly actors: readonly Actor[];
  readonly outcomes: ReadonlyMap<string, string>;
}

function baselineOf(deployment: Deployment): Baseline {
  const actors = actorsOf(deployment);
  const operations = operationsOf(deployment);
  const outcomes = actors.flatMap((actor) => operations.map((operation) => [slot(actor, operation), decideCell(actor, operation).outcome] as const));
  return { actors, outcomes: new Map(outcomes) };
}

const slot = (actor: Actor, operation: OperationModel) => `${actor.name} ${operation.name}`;

/** Only cells that the policy takes part in can change: those of who has it, or of what it stands on. */
function isCaught(deployment: Deployment, { policy, text }: Mutant, { actors, outcomes }: Baseline): boolean {
  try {
    // A change that is no valid policy cannot be deployed.
    compileSource({ ...policy, text });
  } catch (error) {
    if (error instanceof PolicyError) return true;
    throw error;
  }
  const place = policySourceId(policy);
  const changed = withPolicies(deployment, new Map([[place, text]]));
  const differs = (actor: Actor, operation: OperationModel) => decideCell(actor, operation).outcome !== outcomes.get(slot(actor, operation));
  if (policy.kind === 'identity') {
    const operations = operationsOf(deployment);
    const holders = actorsOf(changed).filter((actor) => actor.policySourceIds.has(place));
    return holders.some((actor) => operations.some((operation) => differs(actor, operation)));
  }
  // Whoever the matrix asks about stays the same, also when the policy no longer names them.
  const operations = operationsOf(changed).filter(({ steps }) => steps.some((step) => step.policy && policySourceId(step.policy) === place));
  return actors.some((actor) => operations.some((operation) => differs(actor, operation)));
}
