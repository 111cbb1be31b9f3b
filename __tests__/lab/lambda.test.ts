import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { ACCOUNT, REGION, startLab, type TestLab } from './support';

let test: TestLab;
const Role = `arn:aws:iam::${ACCOUNT}:role/Function`;
const arnOf = (queue: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const POLL = { Sid: 'Poll', Effect: 'Allow', Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], Resource: '*' };
const LOG = { Sid: 'Log', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' };

beforeAll(async () => {
  test = await startLab();
  const { iam } = test.bootstrap;
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'Function',
      AssumeRolePolicyDocument: policy({ Sid: 'ByLambda', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    }),
  );
  await iam.send(new PutRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own', PolicyDocument: policy(POLL, LOG) }));
});
afterAll(() => test.stop());

const zip = (source: string) => Buffer.from(zipSync({ 'index.js': Buffer.from(source) }));

async function makeFunction(FunctionName: string, source: string, more: object = {}): Promise<void> {
  await test.bootstrap.lambda.send(
    new CreateFunctionCommand({ FunctionName, Role, Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: zip(source) }, Timeout: 2, ...more }),
  );
}

async function invoke(FunctionName: string, event: unknown): Promise<{ value: unknown; failed: boolean }> {
  const answer = await test.bootstrap.lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }));
  return { value: JSON.parse(Buffer.from(answer.Payload ?? []).toString()), failed: answer.FunctionError !== undefined };
}

const waitFor = async (what: () => Promise<boolean>) => {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('It did not happen');
};

async function counts(queue: string) {
  const QueueUrl = `${test.lab.endpoint.url}/${ACCOUNT}/${queue}`;
  const { Attributes } = await test.bootstrap.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return { visible: Number(Attributes?.ApproximateNumberOfMessages), inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible) };
}

describe('Lambda in the lab', () => {
  it('runs the very zip with the execution role’s session and nothing of this process’s environment', async () => {
    process.env.SECRET_OF_THE_HOST = 'secret';
    await makeFunction(
      'inspect',
      'exports.handler = async (event) => ({ event, name: process.env.AWS_LAMBDA_FUNCTION_NAME, secret: process.env.SECRET_OF_THE_HOST ?? null, token: Boolean(process.env.AWS_SESSION_TOKEN) });',
    );
    expect(await invoke('inspect', { a: 'ü' })).toEqual({ value: { event: { a: 'ü' }, name: 'inspect', secret: null, token: true }, failed: false });
  });

  it('reports errors and timeouts of the function as such', async () => {
    await makeFunction(
      'broken',
      "exports.handler = async (event) => { if (event.hang) await new Promise(() => setInterval(() => {}, 1000)); throw new TypeError('no'); };",
      { Timeout: 1 },
    );
    expect(await invoke('broken', {})).toMatchObject({ failed: true, value: { errorType: 'TypeError', errorMessage: 'no' } });
    expect(await invoke('broken', { hang: true })).toMatchObject({ failed: true, value: { errorMessage: 'Task timed out after 1.00 seconds' } });
    expect(await invoke('broken', {})).toMatchObject({ value: { errorType: 'TypeError' } });
  });

  it('runs new code after an update', async () => {
    await makeFunction('changing', 'exports.handler = async () => 1;');
    expect((await invoke('changing', {})).value).toBe(1);
    test.advance(1);
    await test.bootstrap.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'changing', ZipFile: zip('exports.handler = async () => 2;') }));
    expect((await invoke('changing', {})).value).toBe(2);
  });

  it('needs permission to pass the role, and a role that trusts Lambda', async () => {
    const deployer = await test.role('Deployer', [{ Sid: 'Lambda', Effect: 'Allow', Action: 'lambda:*', Resource: '*' }]);
    const create = (role: string, as = test.bootstrap) =>
      as.lambda.send(
        new CreateFunctionCommand({ FunctionName: 'passed', Role: role, Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: zip('') } }),
      );
    await expect(create(Role, deployer)).rejects.toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining('iam:PassRole') });
    await expect(create(`arn:aws:iam::${ACCOUNT}:role/Deployer`)).rejects.toMatchObject({
      message: 'The role defined for the function cannot be assumed by Lambda.',
    });
  });

  it('tags functions by their ARN, which the path of the request holds', async () => {
    await makeFunction('tagged', 'exports.handler = async () => 1;');
    const Resource = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:tagged`;
    const { lambda } = test.bootstrap;
    await lambda.send(new TagResourceCommand({ Resource, Tags: { team: 'red', 'cost center': '7' } }));
    await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['cost center', 'none'] }));
    await expect(lambda.send(new ListTagsCommand({ Resource }))).resolves.toMatchObject({ Tags: { team: 'red' } });
  });

  it('answers a missing function as AWS does', async () => {
    await expect(test.bootstrap.lambda.send(new GetFunctionCommand({ FunctionName: 'none' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  describe('an event source mapping', () => {
    const source = `exports.handler = async (event) => {
      console.log(JSON.stringify({ records: event.Records.length }));
      return { batchItemFailures: event.Records.filter((record) => record.body === 'bad').map((record) => ({ itemIdentifier: record.messageId })) };
    };`;

    it('deletes what succeeded, and moves what failed five times to the dead-letter queue', async () => {
      await test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 5 });
      const { QueueUrl } = await test.bootstrap.sqs.send(
        new CreateQueueCommand({ QueueName: 'work', Attributes: { VisibilityTimeout: '120', RedrivePolicy } }),
      );
      await makeFunction('worker', source);
      await test.bootstrap.lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'worker',
          EventSourceArn: arnOf('work'),
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 2 },
        }),
      );
      for (const MessageBody of ['good', 'bad', 'fine']) await test.bootstrap.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

      for (let round = 0; round < 5; round++) {
        await waitFor(async () => {
          const { visible, inFlight } = await counts('work');
          return visible === 0 && inFlight === 1;
        });
        // The function answers before its message is given up; then only the visibility timeout is waited for.
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect((await counts('dead')).visible).toBe(0);
        test.advance(120);
      }

      await waitFor(async () => (await counts('dead')).visible === 1);
      expect(await counts('work')).toEqual({ visible: 0, inFlight: 0 });
    });

    it('stops polling while the role may not read the queue, and says so', async () => {
      await test.bootstrap.iam.send(new DeleteRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own' }));
      test.advance(20);
      await waitFor(async () => {
        const { EventSourceMappings: mappings } = await test.bootstrap.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'worker' }));
        return String(mappings?.[0]?.LastProcessingResult).includes('sqs:ReceiveMessage');
      });
      await test.bootstrap.iam.send(new PutRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own', PolicyDocument: policy(POLL, LOG) }));
    });

    it('is refused when the function may run longer than a message stays hidden', async () => {
      await test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: 'short', Attributes: { VisibilityTimeout: '1' } }));
      await expect(
        test.bootstrap.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'worker', EventSourceArn: arnOf('short') })),
      ).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message: 'Queue visibility timeout: 1 seconds is less than Function timeout: 2 seconds',
      });
    });
  });

  it('writes a function’s lines to its log group when there is one', async () => {
    const { CreateLogGroupCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    await test.bootstrap.logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/talking' }));
    await makeFunction('talking', "exports.handler = async () => { console.log('hello from inside'); return null; };");
    await invoke('talking', {});
    await waitFor(async () => {
      const { events } = await test.bootstrap.logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/talking' }));
      return (events ?? []).some((event) => event.message === 'hello from inside');
    });
  });
});
