import type { Deployment } from '../../access/deployment/deployment';
import { type Cell, computeMatrix } from '../../access/matrix/matrix';
import type { Names } from '../../stacks/names';
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
  readonly performed: number;
  readonly mismatches: readonly Mismatch[];
  /** Cells that no client can perform in one account. */
  readonly notPerformable: number;
}

/** Performs the operations of the matrix against the lab, each by everybody, and compares with what is computed. */
export async function verify(lab: Lab, identities: Identities, names: Names, deployment: Deployment): Promise<Verification> {
  const cells = computeMatrix(deployment);
  const actors = await clientsOfActors(lab, identities, names);
  const stage = await prepare(lab, names);
  const mismatches: Mismatch[] = [];
  let performed = 0;
  for (const cell of cells) {
    const clients = actors.get(cell.actor);
    const performer = PERFORMERS[cell.operation];
    if (!clients || !performer) continue;
    performed += 1;
    const error = await performer(clients, stage).then(
      () => undefined,
      (failure: Error) => failure,
    );
    // Whoever is not refused got through, also if what it asked for turned out not to be there.
    const observed = error && /^(AccessDenied|KmsAccessDenied)/.test(error.name) ? 'denied' : 'allowed';
    if (observed !== cell.outcome) mismatches.push({ ...cell, observed, error: error ? `${error.name}: ${error.message}` : '' });
  }
  return { performed, mismatches, notPerformable: cells.length - performed };
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
