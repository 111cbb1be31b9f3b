import { type Policy, parsePrincipal } from '../../access';
import { compileAt, type Deployment } from '../../access/deployment/deployment';
import { type Cell, computeMatrix } from '../../access/matrix/matrix';
import type { OperationModel } from '../../access/matrix/operation';
import { operationsOf } from '../../access/matrix/operations';
import type { Names } from '../../stacks/names';
import type { Caller } from '../account/caller';
import { encrypt } from '../account/kms/cipher';
import type { Identities } from '../identities';
import type { Lab } from '../lab';
import { clientsOfActors } from './clients';
import { PERFORMERS, type Stage } from './performers';

/** A cell whose observation is not what was computed. */
export interface Mismatch extends Cell {
  readonly observed: 'allowed' | 'denied';
  readonly error: string;
}

/** What came of performing the matrix. */
export interface Verification {
  /** Cells performed by real clients. */
  readonly performed: number;
  /** Cells without a performer, decided by the account from the policies that it stores. */
  readonly decided: number;
  readonly mismatches: readonly Mismatch[];
  /** Cells of principals of other accounts, whose policies are not here. */
  readonly left: number;
}

/** Performs the operations of the matrix against the lab, each by everybody, and compares with what is computed. */
export async function verify(lab: Lab, identities: Identities, names: Names, deployment: Deployment): Promise<Verification> {
  const cells = computeMatrix(deployment);
  const actors = await clientsOfActors(lab, identities, names);
  const withoutCredentials = callersWithoutCredentials(lab);
  const stage = await prepare(lab, names);
  const mismatches: Mismatch[] = [];
  const operations = new Map(operationsOf(deployment).map((operation) => [operation.name, operation]));
  let performed = 0;
  let decided = 0;
  for (const cell of cells) {
    const clients = actors.get(cell.actor);
    const operation = operations.get(cell.operation);
    const caller = clients ? lab.account.sts.find(clients.accessKeyId)?.caller : withoutCredentials.get(cell.actor);
    if (!caller || !operation) continue;
    const performer = clients && PERFORMERS[cell.operation];
    if (performer) performed += 1;
    else decided += 1;
    const attempt = performer ? performer(clients, stage) : decideInAccount(lab, caller, operation);
    const error = await attempt.then(
      () => undefined,
      (failure: Error) => failure,
    );
    // Whoever is not refused got through, also if what it asked for turned out not to be there.
    const observed = error && /^(AccessDenied|KmsAccessDenied)/.test(error.name) ? 'denied' : 'allowed';
    if (observed !== cell.outcome) mismatches.push({ ...cell, observed, error: error ? `${error.name}: ${error.message}` : '' });
  }
  return { performed, decided, mismatches, left: cells.length - performed - decided };
}

/** Callers that no key belongs to: services of AWS, and whoever does not sign. */
function callersWithoutCredentials({ account }: Lab): ReadonlyMap<string, Caller> {
  const principal = parsePrincipal('*');
  const anonymous = principal && { principal, userId: 'anonymous', accountId: '', temporary: false, tags: {} };
  return new Map([
    ['Lambda', account.serviceCall('lambda.amazonaws.com').caller],
    ['CloudWatch Logs', account.serviceCall(`logs.${account.region}.amazonaws.com`).caller],
    ...(anonymous ? [['anonymous', anonymous] as const] : []),
  ]);
}

/** Asks the account itself for each request of an operation: for the caller as authentication knows it, with the policies that it stores. */
async function decideInAccount(lab: Lab, caller: Caller, operation: OperationModel): Promise<void> {
  const { account } = lab;
  const { principal } = caller;
  for (const { action, resource: named, policy, context } of operation.steps) {
    // The matrix asks about somebody; here that is whoever asks.
    const resource = principal.kind === 'user' ? named.replace(/(user|mfa)\/somebody$/, `$1/${principal.name}`) : named;
    account.authorize(action, { resource, policy: storedPolicy(lab, resource, action) ?? (policy && compileAt(policy)), context }, account.call(caller));
  }
}

/** The policy that the account stores for a resource. */
function storedPolicy({ account }: Lab, resource: string, action: string): Policy | undefined {
  if (action.startsWith('iam:')) return undefined;
  const role = [...account.iam.roles.values()].find((one) => account.iam.arnOf(one) === resource);
  const key = [...account.kms.keys.values()].find((one) => one.arn === resource);
  return (
    role?.trust.policy() ??
    key?.policy.policy() ??
    account.sqs.byArn(resource)?.compiledPolicy() ??
    [...account.dynamodb.tables.values()].find((one) => one.arn === resource)?.policy?.stored.policy()
  );
}

/** The mapping rests, both queues hold a message that nobody processes, and each key has made a ciphertext. */
async function prepare(lab: Lab, names: Names): Promise<Stage> {
  const { account } = lab;
  for (const poller of account.lambda.pollers.values()) {
    poller.mapping.enabled = false;
    await poller.stop();
  }
  const role = account.iam.arn('role', '/', names.of('SQSAccessRole'));
  const producer = account.call(account.sts.sessionOf(role, 'verify').caller);
  const queue = account.sqs.byArn(account.arn('sqs', names.queue));
  const dead = account.sqs.byArn(account.arn('sqs', names.deadLetterQueue));
  for (let letter = 0; letter < 3; letter++) {
    await account.perform(account.sqs.operations.SendMessage, { QueueUrl: queue && account.sqs.url(queue), MessageBody: 'waits' }, producer);
  }
  // A dead letter is a message that was moved as it is: still sealed for the queue that it came from.
  const [letter] = queue?.messages ?? [];
  if (queue && dead && letter) {
    queue.remove(letter);
    dead.add({ ...letter, deadLetterSourceArn: queue.arn });
  }
  const seal = (key: 'queue' | 'table' | 'logs') => {
    const found = account.kms.find(names.keyAlias(key));
    return encrypt({ keyId: found.id, backingKey: 0 }, found.backingKeys[0] as Buffer, Buffer.from('x'), {});
  };
  return { lab, names, ciphertexts: new Map((['queue', 'table', 'logs'] as const).map((key) => [key, seal(key)])) };
}
