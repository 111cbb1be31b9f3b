import type { Deployment } from '../../access/graph/deployment';
import { FOREIGN_ACCOUNT } from '../../access/matrix/decoys';
import { actorLabel } from '../../access/matrix/id-labels';
import { type Cell, computeMatrix } from '../../access/matrix/matrix';
import type { OperationModel } from '../../access/matrix/operation';
import { operationsOf } from '../../access/matrix/operations';
import { Account } from '../../lab/account/account';
import type { Lab } from '../../lab/lab';
import type { Names } from '../../stacks/names';
import type { Actor } from '../actors';
import { Clients } from '../clients';
import type { Identities } from '../identities';
import { isRefused, observe } from '../observation';
import { cryptography } from './cryptography';
import { makeDecoyResources } from './decoy-resources';
import { matrixActors } from './matrix-actors';
import { OPERATION_RUNNERS } from './operation-runners';
import { isDryRun, sendRequest } from './single-request';
import { TestBed } from './test-bed';

/** A cell whose observation is not what was computed. */
export interface Mismatch extends Cell {
  readonly observed: Observed;
  /** How the attempt ended. */
  readonly ended: string;
}

/**
 * `refused otherwise`: for lack of a permission that the operation is not about; `undecided`: for another
 * reason than a decision. Neither says anything of the cell.
 */
type Observed = 'allowed' | 'denied' | 'refused otherwise' | 'undecided';

/** The account of the deployment, and the one of the foreign administrator. */
interface Accounts {
  readonly own: Account;
  readonly foreign: Account;
}

/** What came of performing the matrix. */
export interface Verification {
  /** Cells, each performed by a real client. */
  readonly performed: number;
  /**
   * How many of them were decided by the account, but not done: single requests that would change the
   * deployment.
   */
  readonly dryRuns: number;
  readonly mismatches: readonly Mismatch[];
}

/**
 * Performs every operation of the matrix against the lab, as every actor and through real AWS clients, and
 * compares with what is computed. A single request that would change the deployment is a dry run: the account
 * decides, and does nothing.
 *
 * @param log gets a line for every actor that has tried all
 * @throws Error when an actor or operation cannot be performed, or an attempt sent no request
 */
export async function verify(lab: Lab, identities: Identities, names: Names, deployment: Deployment, log: (line: string) => void): Promise<Verification> {
  const operations = new Map(operationsOf(deployment).map((operation) => [operation.id, operation]));
  requireOperationsOfRunners(operations);
  const { account } = lab;
  const foreign = new Account({ accountId: FOREIGN_ACCOUNT, region: account.region, clock: account.clock, peer: account });
  const testBed = await TestBed.prepare(lab, names);
  await makeDecoyResources(account, names);
  const actors = await matrixActors(lab, identities, names, foreign);
  const mismatches: Mismatch[] = [];
  let performed = 0;
  let dryRuns = 0;
  const matrix = computeMatrix(deployment);
  for (const actorId of new Set(matrix.map((cell) => cell.actor))) {
    const cells = matrix.filter((cell) => cell.actor === actorId);
    const actor = actors.get(actorId);
    if (!actor) throw new Error(`The lab has no actor ${actorId}`);
    const clients = new Clients(lab, actor);
    for (const cell of cells) {
      const operation = operations.get(cell.operation);
      if (!operation) throw new Error(`The deployment has no operation ${cell.operation}`);
      const { observed, ended } = await observeCell({ own: account, foreign }, actor, operation, perform(operation, clients, testBed));
      performed += 1;
      if (isOnlyDryRun(operation)) dryRuns += 1;
      if (observed !== cell.outcome) mismatches.push({ ...cell, observed, ended });
    }
    log(`${cells.length} operations as ${actorLabel(actorId)}`);
  }
  return { performed, dryRuns, mismatches };
}

/** A runner under an id that no operation has would never run, and the operation be only a dry run. */
function requireOperationsOfRunners(operations: ReadonlyMap<string, OperationModel>): void {
  for (const id of OPERATION_RUNNERS.keys()) {
    if (!operations.has(id)) throw new Error(`proof/verify/operation-runners.ts runs ${id}, which is no operation of the deployment`);
  }
}

const isOnlyDryRun = ({ id, steps }: OperationModel) => !OPERATION_RUNNERS.has(id) && steps.some((step) => !cryptography(step) && isDryRun(step.action));

async function perform(operation: OperationModel, clients: Clients, testBed: TestBed): Promise<unknown> {
  const run = OPERATION_RUNNERS.get(operation.id);
  if (run) return run(clients, testBed);
  let last: unknown;
  for (const step of operation.steps) {
    const useKey = cryptography(step);
    last = await (useKey ? useKey(clients, testBed) : sendRequest(step, clients, testBed));
  }
  return last;
}

/** Permissions without which AWS does not come to ask for another: there is no request for that one alone. */
const PREREQUISITES: Readonly<Record<string, readonly string[]>> = {
  'iam:PassRole': ['lambda:UpdateFunctionConfiguration', 'iam:AddRoleToInstanceProfile'],
  'kms:ReEncryptTo': ['kms:ReEncryptFrom'],
  'sts:TagSession': ['sts:AssumeRole'],
};

/**
 * Allowed is what the account decided about and did not refuse, also if what was asked for turned out not to
 * be there. A request that the account never came to decide about proves a denial only where its way ended
 * before: not signed, or about another account, which is then the one that answered.
 */
async function observeCell(
  accounts: Accounts,
  actor: Actor,
  operation: OperationModel,
  attempt: Promise<unknown>,
): Promise<{ readonly observed: Observed; readonly ended: string }> {
  const observation = await observe(accounts.own, attempt);
  const { error, requestId, decision } = observation;
  const ended = error ? `${error.name}: ${error.message}` : 'done';
  // Nothing was sent: a fault of this program, not an answer.
  if (requestId === undefined) throw new Error(`${operation.id} was performed without a request: ${ended}`, { cause: error });
  if (!decision) {
    const unsigned = !actor.credentials && /^(MissingAuthenticationToken|AccessDenied)/.test(error?.name ?? '');
    const decidedByForeign = accounts.foreign.decisionsOf(requestId).length > 0;
    return { observed: unsigned || decidedByForeign ? 'denied' : 'undecided', ended };
  }
  if (!isRefused(observation)) return { observed: 'allowed', ended };
  const isAboutOperation = operation.steps.some(({ action }) => action === decision.action || PREREQUISITES[action]?.includes(decision.action));
  return { observed: isAboutOperation ? 'denied' : 'refused otherwise', ended };
}
