import { CreateQueueCommand, type Message, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { ACCOUNT, type Clients, REGION, type TestLab } from './support';

/** A queue of a test. */
export interface TestQueue {
  readonly QueueUrl: string;
  readonly name: string;
}

export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

/** Makes queues in a lab, and sends and receives as the bootstrap user or another one. */
export class Queues {
  private made = 0;

  constructor(private readonly test: TestLab) {}

  /** The name of the queue that is made after so many others. */
  nameAfter(others: number): string {
    return `queue-${this.made + others + 1}`;
  }

  async make(Attributes: Record<string, string> = {}): Promise<TestQueue> {
    const name = this.nameAfter(0);
    this.made += 1;
    const { QueueUrl } = await this.test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
    return { QueueUrl: String(QueueUrl), name };
  }

  send(QueueUrl: string, MessageBody: string, as: Clients = this.test.bootstrap) {
    return as.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }

  async receive(QueueUrl: string, as: Clients = this.test.bootstrap, more: object = {}): Promise<Message[]> {
    const all = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
    return (await as.sqs.send(new ReceiveMessageCommand({ QueueUrl, ...all, ...more }))).Messages ?? [];
  }

  async bodies(...args: Parameters<Queues['receive']>): Promise<(string | undefined)[]> {
    return (await this.receive(...args)).map(({ Body }) => Body);
  }
}
