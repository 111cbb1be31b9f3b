import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, InvokeCommand, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { ACCOUNT, REGION, type TestLab } from './support';

export const FUNCTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/Function`;

export const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const POLL = { Sid: 'Poll', Effect: 'Allow', Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], Resource: '*' };
const LOG = { Sid: 'Log', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' };
/** What the execution role may do. */
export const FUNCTION_POLICY = policy(POLL, LOG);

/** The package of a function with one file. */
export const packageOf = (source: string, file = 'index.js') => Buffer.from(zipSync({ [file]: Buffer.from(source) }));

/** Functions and queues of a test's lab, made and used through real clients. */
export class Functions {
  private constructor(private readonly test: TestLab) {}

  /** Makes the execution role. */
  static async in(test: TestLab): Promise<Functions> {
    const { iam } = test.bootstrap;
    const trust = policy({ Sid: 'ByLambda', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
    await iam.send(new CreateRoleCommand({ RoleName: 'Function', AssumeRolePolicyDocument: trust }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own', PolicyDocument: FUNCTION_POLICY }));
    return new Functions(test);
  }

  async make(FunctionName: string, source: string | Buffer, more: object = {}): Promise<void> {
    const ZipFile = typeof source === 'string' ? packageOf(source) : source;
    await this.test.bootstrap.lambda.send(
      new CreateFunctionCommand({ FunctionName, Role: FUNCTION_ROLE, Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile }, Timeout: 2, ...more }),
    );
  }

  async invoke(FunctionName: string, event: unknown, more: Partial<InvokeCommandInput> = {}): Promise<{ value: unknown; failed: boolean }> {
    const answer = await this.test.bootstrap.lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...more }));
    const text = Buffer.from(answer.Payload ?? []).toString();
    return { value: text === '' ? undefined : JSON.parse(text), failed: answer.FunctionError !== undefined };
  }

  /** Makes a queue, with a dead-letter queue `NAME-dead` when messages may be received only so often. */
  async queue(QueueName: string, { visibility = 120, maxReceiveCount }: { visibility?: number; maxReceiveCount?: number } = {}): Promise<void> {
    const { sqs } = this.test.bootstrap;
    const Attributes: Record<string, string> = { VisibilityTimeout: String(visibility) };
    if (maxReceiveCount !== undefined) {
      await sqs.send(new CreateQueueCommand({ QueueName: `${QueueName}-dead` }));
      Attributes.RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(`${QueueName}-dead`), maxReceiveCount });
    }
    await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  }

  async map(queue: string, FunctionName: string, more: object = {}): Promise<string> {
    const answer = await this.test.bootstrap.lambda.send(
      new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn: queueArn(queue), FunctionResponseTypes: ['ReportBatchItemFailures'], ...more }),
    );
    return String(answer.UUID);
  }

  async send(queue: string, MessageBody: string, DelaySeconds?: number): Promise<void> {
    await this.test.bootstrap.sqs.send(new SendMessageCommand({ QueueUrl: this.url(queue), MessageBody, DelaySeconds }));
  }

  /** How many messages a queue holds: to be received, in flight, delayed. */
  async counts(queue: string): Promise<{ visible: number; inFlight: number; delayed: number }> {
    const { Attributes } = await this.test.bootstrap.sqs.send(new GetQueueAttributesCommand({ QueueUrl: this.url(queue), AttributeNames: ['All'] }));
    return {
      visible: Number(Attributes?.ApproximateNumberOfMessages),
      inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      delayed: Number(Attributes?.ApproximateNumberOfMessagesDelayed),
    };
  }

  url(queue: string): string {
    return `${this.test.lab.endpoint.url}/${ACCOUNT}/${queue}`;
  }
}

export const queueArn = (queue: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;

/** A handler that reports messages with the body `bad` as failed. */
export const REFUSES_BAD = `exports.handler = async (event) => {
  console.log(JSON.stringify({ records: event.Records.length }));
  return { batchItemFailures: event.Records.filter((record) => record.body === 'bad').map((record) => ({ itemIdentifier: record.messageId })) };
};`;
