import {
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { Functions } from './functions';
import { ACCOUNT, REGION, startLab, type TestLab } from './support';

let test: TestLab;
let functions: Functions;
beforeAll(async () => {
  test = await startLab();
  functions = await Functions.in(test);
  for (const name of ['shown', 'other']) await functions.make(name, 'exports.handler = async () => 1;');
});
afterAll(() => test.stop());

const arnOf = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

describe('the URL of a function in the lab', () => {
  const FunctionName = 'shown';

  it('is made, seen, changed where the request says so, listed and deleted', async () => {
    const { lambda } = test.bootstrap;
    const Cors = { AllowOrigins: ['https://www.example.com'], MaxAge: 60 };
    const created = await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM', Cors }));
    expect(created).toMatchObject({ FunctionArn: arnOf('shown'), AuthType: 'AWS_IAM', Cors, InvokeMode: 'BUFFERED', CreationTime: expect.any(String) });
    expect(created.FunctionUrl).toMatch(new RegExp(`^https://[a-z0-9]{32}\\.lambda-url\\.${REGION}\\.on\\.aws/$`));
    await expect(lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
    test.advance(60);
    const updated = await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: arnOf('shown'), AuthType: 'NONE' }));
    const { FunctionUrl, CreationTime } = created;
    expect(updated).toMatchObject({ FunctionUrl, CreationTime, AuthType: 'NONE', Cors, InvokeMode: 'BUFFERED' });
    expect(Date.parse(updated.LastModifiedTime ?? '') - Date.parse(CreationTime ?? '')).toBeGreaterThanOrEqual(60_000);
    const seen = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }));
    const { $metadata: _metadata, ...config } = seen;
    expect(config).toMatchObject({ FunctionUrl, AuthType: 'NONE' });
    expect((await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }))).FunctionUrlConfigs).toEqual([config]);
    await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName }));
    expect((await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }))).FunctionUrlConfigs).toEqual([]);
  });

  it('that is not there is not found, and goes with its function', async () => {
    const { lambda } = test.bootstrap;
    const missing = { name: 'ResourceNotFoundException' };
    const named = { FunctionName: 'other' };
    await expect(lambda.send(new GetFunctionUrlConfigCommand(named))).rejects.toMatchObject(missing);
    await expect(lambda.send(new UpdateFunctionUrlConfigCommand(named))).rejects.toMatchObject(missing);
    await expect(lambda.send(new DeleteFunctionUrlConfigCommand(named))).rejects.toMatchObject(missing);
    await lambda.send(new CreateFunctionUrlConfigCommand({ ...named, AuthType: 'NONE' }));
    await lambda.send(new DeleteFunctionCommand(named));
    await functions.make('other', 'exports.handler = async () => 2;');
    await expect(lambda.send(new GetFunctionUrlConfigCommand(named))).rejects.toMatchObject(missing);
  });

  it.each([
    { what: 'an unknown authorization', input: { AuthType: 'OPEN' as 'NONE' }, error: { name: 'InvalidParameterValueException', message: /AuthType/ } },
    { what: 'no authorization', input: { AuthType: undefined }, error: { name: 'InvalidParameterValueException', message: /AuthType/ } },
    { what: 'a time that is too long', input: { Cors: { MaxAge: 86_401 } }, error: { name: 'InvalidParameterValueException', message: /Cors\.MaxAge/ } },
    { what: 'an alias', input: { Qualifier: 'live' }, error: { name: 'NotModelledByTheLab', message: /aliases/ } },
  ])('is refused with $what', async ({ input, error: { name, message } }) => {
    const send = test.bootstrap.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...input }));
    await expect(send).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it('is decided by the key lambda:FunctionArn too, which other actions on the function do not carry', async () => {
    const role = await test.role('ByKey', [
      { Sid: 'Urls', Effect: 'Allow', Action: 'lambda:*', Resource: '*', Condition: { ArnEquals: { 'lambda:FunctionArn': arnOf('shown') } } },
    ]);
    await expect(role.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }))).resolves.toBeDefined();
    await expect(role.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'other' }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(role.lambda.send(new DeleteFunctionCommand({ FunctionName }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
