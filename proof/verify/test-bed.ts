import { randomBytes } from 'node:crypto';
import { lastSegment } from '../../evaluator/index';
import type { Call } from '../../lab/account/caller';
import { encrypt } from '../../lab/account/kms/cipher';
import type { Key } from '../../lab/account/kms/key';
import type { Message } from '../../lab/account/sqs/message';
import type { Lab } from '../../lab/lab';
import type { Names } from '../../stacks/names';

/**
 * The deployed account while operations are run against it: no function polls, and both queues hold messages.
 */
export class TestBed {
  private readonly producer: Call;

  private constructor(
    readonly lab: Lab,
    readonly names: Names,
  ) {
    const { account } = lab;
    this.producer = account.call(account.sts.sessionOf(account.iam.arn('role', '/', names.of('SQSAccessRole')), 'verify').caller);
  }

  /** Stops the event source mappings: what is in a queue stays there. */
  static async prepare(lab: Lab, names: Names): Promise<TestBed> {
    for (const poller of lab.account.lambda.pollers.values()) {
      poller.mapping.enabled = false;
      await poller.stop();
    }
    return new TestBed(lab, names);
  }

  /**
   * Leaves one message in the queue, and one dead-letter message, encrypted for the queue that it came from,
   * in the other.
   */
  async refill(): Promise<void> {
    const { account } = this.lab;
    const [queue, deadLetterQueue] = [this.names.queue, this.names.deadLetterQueue].map((name) => account.sqs.queues.get(name));
    if (!queue || !deadLetterQueue) throw new Error('The queues are not deployed');
    const send = async (): Promise<Message> => {
      await account.perform(account.sqs.operations.SendMessage, { QueueUrl: account.sqs.url(queue), MessageBody: 'waits' }, this.producer);
      return queue.messages.at(-1) as Message;
    };
    const deadLetter = await send();
    queue.messages = [await send()];
    deadLetterQueue.messages = [{ ...deadLetter, deadLetterSourceArn: queue.arn }];
  }

  /** A key of the deployment by its ARN. */
  key(arn: string): Key {
    return this.lab.account.kms.find(arn);
  }

  /** Something encrypted under a key for an encryption context. */
  ciphertext(arn: string, context: Readonly<Record<string, string>>): Uint8Array {
    const key = this.key(arn);
    return encrypt({ keyId: key.id, backingKey: 0 }, key.backingKeys[0] as Buffer, randomBytes(16), context);
  }

  /** The event source mapping of a function. */
  mappingOf(functionArn: string): string {
    const poller = [...this.lab.account.lambda.pollers.values()].find(({ mapping }) => mapping.functionArn === functionArn);
    if (!poller) throw new Error(`${functionArn} has no event source mapping`);
    return poller.mapping.arn;
  }

  /** An access key of a user, by its ARN or name. */
  accessKeyOf(user: string): string {
    return this.lab.account.iam.users.get(lastSegment(user))?.accessKeys[0]?.id ?? '';
  }
}
