import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { FUNCTION_POLICY, FUNCTION_ROLE, Functions, packageOf, queueArn, REFUSES_BAD } from './functions';
import { ACCOUNT, REGION, startLab, type TestLab } from './support';

let test: TestLab;
let functions: Functions;
beforeAll(async () => {
  test = await startLab();
  functions = await Functions.in(test);
});
afterAll(() => test.stop());

describe('Lambda in the lab', () => {
  it('runs the very zip with the execution role’s session and nothing of this process’s environment', async () => {
    process.env.SECRET_OF_THE_HOST = 'secret';
    await functions.make(
      'inspect',
      'exports.handler = async (event) => ({ event, name: process.env.AWS_LAMBDA_FUNCTION_NAME, secret: process.env.SECRET_OF_THE_HOST ?? null, token: Boolean(process.env.AWS_SESSION_TOKEN) });',
    );
    expect(await functions.invoke('inspect', { a: 'ü' })).toEqual({ value: { event: { a: 'ü' }, name: 'inspect', secret: null, token: true }, failed: false });
  });

  it('reports errors and timeouts of the function as such', async () => {
    await functions.make(
      'broken',
      "exports.handler = async (event) => { if (event.hang) await new Promise(() => setInterval(() => {}, 1000)); throw new TypeError('no'); };",
      { Timeout: 1 },
    );
    expect(await functions.invoke('broken', {})).toMatchObject({ failed: true, value: { errorType: 'TypeError', errorMessage: 'no' } });
    const { runtime } = test.lab.account.lambda;
    runtime.timeScale = 1;
    expect(await functions.invoke('broken', { hang: true })).toMatchObject({ failed: true, value: { errorMessage: 'Task timed out after 1.00 seconds' } });
    runtime.timeScale = 10;
    expect(await functions.invoke('broken', {})).toMatchObject({ value: { errorType: 'TypeError' } });
  });

  it('counts neither the time of its initialization nor real time one to one, which says little on a busy machine', async () => {
    const source =
      "const until = Date.now() + 1200; while (Date.now() < until); exports.handler = (event) => new Promise((resolve) => setTimeout(resolve, 1200, 'slow'));";
    await functions.make('slow', source, { Timeout: 1 });
    expect(await functions.invoke('slow', {})).toEqual({ failed: false, value: 'slow' });
  });

  it('tells the function how much of its timeout remains', async () => {
    await functions.make('counting', 'exports.handler = async (event, context) => context.getRemainingTimeInMillis();', { Timeout: 2 });
    const { value } = await functions.invoke('counting', {});
    expect(value).toBeLessThanOrEqual(2000);
    expect(value).toBeGreaterThan(0);
  });

  it('runs new code after an update', async () => {
    await functions.make('changing', 'exports.handler = async () => 1;');
    expect((await functions.invoke('changing', {})).value).toBe(1);
    test.advance(1);
    await test.bootstrap.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'changing', ZipFile: packageOf('exports.handler = async () => 2;') }));
    expect((await functions.invoke('changing', {})).value).toBe(2);
  });

  it('needs permission to pass the role, and a role that trusts Lambda', async () => {
    const deployer = await test.role('Deployer', [{ Sid: 'Lambda', Effect: 'Allow', Action: 'lambda:*', Resource: '*' }]);
    const create = (role: string, as = test.bootstrap) =>
      as.lambda.send(
        new CreateFunctionCommand({ FunctionName: 'passed', Role: role, Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: packageOf('') } }),
      );
    await expect(create(FUNCTION_ROLE, deployer)).rejects.toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining('iam:PassRole') });
    await expect(create(`arn:aws:iam::${ACCOUNT}:role/Deployer`)).rejects.toMatchObject({
      message: 'The role defined for the function cannot be assumed by Lambda.',
    });
  });

  it('tags functions by their ARN, which the path of the request holds', async () => {
    await functions.make('tagged', 'exports.handler = async () => 1;');
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
    it('deletes what succeeded, and moves what failed five times to the dead-letter queue', async () => {
      await functions.queue('work', { maxReceiveCount: 5 });
      await functions.make('worker', REFUSES_BAD);
      await functions.map('work', 'worker', { ScalingConfig: { MaximumConcurrency: 2 } });
      for (const body of ['good', 'bad', 'fine']) await functions.send('work', body);
      await test.lab.account.settle();
      expect(await functions.counts('work')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
      expect((await functions.counts('work-dead')).visible).toBe(1);
    });

    it('stops polling while the role may not read the queue, and says so', async () => {
      await test.bootstrap.iam.send(new DeleteRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own' }));
      await functions.send('work', 'good');
      await test.lab.account.settle();
      const { EventSourceMappings: mappings } = await test.bootstrap.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'worker' }));
      expect(mappings?.[0]?.LastProcessingResult).toContain('sqs:ReceiveMessage');
      expect((await functions.counts('work')).visible).toBe(1);
      await test.bootstrap.iam.send(new PutRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own', PolicyDocument: FUNCTION_POLICY }));
      test.advance(5);
      await test.lab.account.settle();
      expect((await functions.counts('work')).visible).toBe(0);
    });

    it('is refused when the function may run longer than a message stays hidden', async () => {
      await test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: 'short', Attributes: { VisibilityTimeout: '1' } }));
      await expect(
        test.bootstrap.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'worker', EventSourceArn: queueArn('short') })),
      ).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message: 'Queue visibility timeout: 1 seconds is less than Function timeout: 2 seconds',
      });
    });
  });

  it('writes a function’s lines to its log group when there is one', async () => {
    const { CreateLogGroupCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    await test.bootstrap.logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/talking' }));
    await functions.make('talking', "exports.handler = async () => { console.log('hello from inside'); return null; };");
    await functions.invoke('talking', {});
    const { events } = await test.bootstrap.logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/talking' }));
    expect(events?.map(({ message }) => message)).toEqual(['hello from inside']);
  });
});
