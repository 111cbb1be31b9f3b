import type { Deployment } from '../../access/graph/deployment';
import { type Cell, computeMatrix } from '../../access/matrix/matrix';
import type { OperationModel } from '../../access/matrix/operation';
import { operationsOf } from '../../access/matrix/operations';
import { FOREIGN_ACCOUNT } from '../../access/matrix/principals';
import { Account } from '../../lab/account/account';
import type { Lab } from '../../lab/lab';
import type { Names } from '../../stacks/names';
import type { Identities } from '../identities';
import { type Actor, actorsOf } from './actors';
import { Clients } from './clients';
import { cryptography } from './cryptography';
import { makeDecoyResources } from './decoy-resources';
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
 * `refused otherwise`: for lack of a permission that the operation is not about; `undecided`: for another reason than a
 * decision. Neither says anything of the cell.
 */
type Observed = 'allowed' | 'denied' | 'refused otherwise' | 'undecided';

/** The account of the deployment, and the one beside it. */
interface Accounts {
  readonly here: Account;
  readonly beside: Account;
}

/** What came of performing the matrix. */
export interface Verification {
  /** Cells, each performed by a real client. */
  readonly performed: number;
  /** How many of them were decided by the account, but not done: single requests that would change the deployment. */
  readonly dryRuns: number;
  readonly mismatches: readonly Mismatch[];
}

/**
 * Performs every operation of the matrix against the lab, each as everybody and through real AWS clients, and compares with
 * what is computed. A single request that would change the deployment is rehearsed: the account decides, and does nothing.
 *
 * @param tell gets a line for everybody who has tried all
 */
export async function verify(lab: Lab, identities: Identities, names: Names, deployment: Deployment, tell: (line: string) => void): Promise<Verification> {
  const { account } = lab;
  const stranger = new Account({ accountId: FOREIGN_ACCOUNT, region: account.region, clock: account.clock, peer: account });
  const stage = await TestBed.set(lab, names);
  await makeDecoyResources(account, names);
  const actors = await actorsOf(lab, identities, names, stranger);
  const operations = new Map(operationsOf(deployment).map((operation) => [operation.name, operation]));
  const mismatches: Mismatch[] = [];
  let performed = 0;
  let dryRuns = 0;
  const computed = computeMatrix(deployment);
  for (const name of new Set(computed.map((cell) => cell.actor))) {
    const actor = actors.get(name);
    if (!actor) throw new Error(`Nobody performs as ${name}`);
    const cells = computed.filter((cell) => cell.actor === name);
    const clients = new Clients(lab, actor);
    for (const cell of cells) {
      const operation = operations.get(cell.operation) as OperationModel;
      const seen = await observe({ here: account, beside: stranger }, actor, operation, perform(operation, clients, stage));
      performed += 1;
      if (isOnlyDryRun(operation)) dryRuns += 1;
      if (seen.observed !== cell.outcome) mismatches.push({ ...cell, ...seen });
    }
    tell(`${cells.length} operations as ${name}`);
  }
  return { performed, dryRuns, mismatches };
}

const isOnlyDryRun = ({ name, steps }: OperationModel) => !OPERATION_RUNNERS[name] && steps.some((step) => !cryptography(step) && isDryRun(step.action));

async function perform(operation: OperationModel, clients: Clients, stage: TestBed): Promise<unknown> {
  const performer = OPERATION_RUNNERS[operation.name];
  if (performer) return performer(clients, stage);
  let last: unknown;
  for (const step of operation.steps) {
    const ask = cryptography(step);
    last = await (ask ? ask(clients, stage) : sendRequest(step, clients, stage));
  }
  return last;
}

/** Permissions without which AWS does not come to ask for another: there is no request for that one alone. */
const PREREQUISITES: Readonly<Record<string, readonly string[]>> = {
  'iam:PassRole': ['lambda:UpdateFunctionConfiguration', 'iam:AddRoleToInstanceProfile'],
  'kms:ReEncryptTo': ['kms:ReEncryptFrom'],
  'sts:TagSession': ['sts:AssumeRole'],
};

interface Ended {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly requestId?: string };
}

/**
 * Allowed is what the account decided about and did not refuse, also if what was asked for turned out not to be there. A
 * request that the account never came to decide about proves a denial only where its way ended before: not signed, or about
 * another account, which is then the one that answered.
 */
async function observe(accounts: Accounts, actor: Actor, operation: OperationModel, attempt: Promise<unknown>): Promise<{ observed: Observed; ended: string }> {
  const [error, answer] = await attempt.then(
    (value) => [undefined, value as Ended] as const,
    (failure: Error) => [failure as Ended, undefined] as const,
  );
  const requestId = (error ?? answer)?.$metadata?.requestId;
  // Nothing was sent: a fault of whoever performs, not an answer.
  if (requestId === undefined) throw error ?? new Error(`${operation.name} was performed without a request`);
  const ended = error ? `${error.name}: ${error.message}` : 'done';
  const last = accounts.here.decisionsOf(requestId).at(-1);
  if (!last) {
    const unsigned = !actor.credentials && /^(MissingAuthenticationToken|AccessDenied)/.test(error?.name ?? '');
    const elsewhere = accounts.beside.decisionsOf(requestId).length > 0;
    return { observed: unsigned || elsewhere ? 'denied' : 'undecided', ended };
  }
  if (!/^(AccessDenied|KmsAccessDenied)/.test(error?.name ?? '')) return { observed: 'allowed', ended };
  const about = operation.steps.some(({ action }) => action === last.action || PREREQUISITES[action]?.includes(last.action));
  return { observed: about ? 'denied' : 'refused otherwise', ended };
}
