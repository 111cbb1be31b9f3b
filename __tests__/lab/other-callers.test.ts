import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DecryptCommand, DescribeKeyCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListTagsCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { Account } from '../../lab/account/account';
import { toCredentials } from '../../proof/mfa-user';
import { ACCOUNT, allow, type Clients, keyPolicy, REGION, startLab, type TestLab } from './support';

const PEER = '444455556666';
let test: TestLab;
let foreign: Clients;
let peer: Account;
beforeAll(async () => {
  test = await startLab();
  peer = new Account({ accountId: PEER, region: REGION, peer: test.lab.account });
  foreign = test.clients(peer.sts.rootCredentials());
});
afterAll(() => test.stop());

const urlOf = (queue: string) => `${test.lab.endpoint.url}/${ACCOUNT}/${queue}`;
const makeQueue = async (QueueName: string, statement: object, attributes: Record<string, string> = {}) => {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid: 'Open', Effect: 'Allow', Resource: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QueueName}`, ...statement }],
  });
  await test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy, ...attributes } }));
  return urlOf(QueueName);
};

describe('a caller of another account', () => {
  it('is who it is, and acts on its own account unless it names a resource of another', async () => {
    await expect(foreign.sts.send(new GetCallerIdentityCommand())).resolves.toMatchObject({ Account: PEER });
    await test.role('Known', []);
    await expect(foreign.iam.send(new GetRoleCommand({ RoleName: 'Known' }))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  it('reaches a queue whose policy names its account, and no other', async () => {
    const QueueUrl = await makeQueue('shared', { Principal: { AWS: PEER }, Action: 'sqs:SendMessage' });
    await makeQueue('private', { Principal: { AWS: ACCOUNT }, Action: 'sqs:*' });
    await expect(foreign.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))).resolves.toBeDefined();
    await expect(foreign.sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(foreign.sqs.send(new SendMessageCommand({ QueueUrl: urlOf('private'), MessageBody: 'hello' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(foreign.sqs.send(new GetQueueUrlCommand({ QueueName: 'shared', QueueOwnerAWSAccountId: ACCOUNT }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('uses a key whose policy names its account, by the ARN of the key', async () => {
    const { KeyMetadata: key } = await test.bootstrap.kms.send(
      new CreateKeyCommand({ Policy: keyPolicy({ ...allow('Peer', 'root', 'kms:Encrypt'), Principal: { AWS: PEER } }) }),
    );
    await expect(foreign.kms.send(new EncryptCommand({ KeyId: key?.Arn, Plaintext: Buffer.from('x') }))).resolves.toMatchObject({ KeyId: key?.Arn });
    await expect(foreign.kms.send(new GenerateDataKeyCommand({ KeyId: key?.Arn, KeySpec: 'AES_256' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

describe('a caller who does not sign', () => {
  const unsigned = () =>
    new SQSClient({
      endpoint: test.lab.endpoint.url,
      region: REGION,
      maxAttempts: 1,
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      signer: { sign: <T>(request: T) => Promise.resolve(request) },
    });

  it('reaches a queue that lets everybody in, as long as it is not encrypted', async () => {
    const QueueUrl = await makeQueue('open', { Principal: '*', Action: 'sqs:SendMessage' }, { SqsManagedSseEnabled: 'false' });
    await expect(unsigned().send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))).resolves.toBeDefined();
    await expect(unsigned().send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await test.bootstrap.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { SqsManagedSseEnabled: 'true' } }));
    await expect(unsigned().send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('signed requests only'),
    });
  });

  it('is refused by every other service in the form that its clients read', async () => {
    const config = {
      endpoint: test.lab.endpoint.url,
      region: REGION,
      maxAttempts: 1,
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      signer: { sign: <T>(request: T) => Promise.resolve(request) },
    };
    const refused = { name: expect.stringMatching(/^MissingAuthenticationToken/) };
    await expect(new IAMClient(config).send(new GetRoleCommand({ RoleName: 'Known' }))).rejects.toMatchObject(refused);
    await expect(new KMSClient(config).send(new DescribeKeyCommand({ KeyId: 'alias/none' }))).rejects.toMatchObject(refused);
  });
});

describe('credentials of services', () => {
  it('that are forwarded act for the caller, through the service and with its own permissions only', async () => {
    const role = await test.role('Through', []);
    const { KeyMetadata: key } = await test.bootstrap.kms.send(
      new CreateKeyCommand({
        Policy: keyPolicy(allow('ThroughSqs', 'role/Through', ['kms:Encrypt', 'kms:Decrypt'], { 'kms:ViaService': `sqs.${REGION}.amazonaws.com` })),
      }),
    );
    const { sts } = test.lab.account;
    const caller = sts.find(role.credentials.accessKeyId)?.caller;
    if (!caller) throw new Error('The role has no session');
    const through = (service: string) => test.clients(toCredentials(sts.forwardAccess(caller, service))).kms;
    const input = { KeyId: key?.Arn, Plaintext: Buffer.from('x') };
    const { CiphertextBlob } = await through('sqs').send(new EncryptCommand(input));
    await expect(through('sqs').send(new DecryptCommand({ CiphertextBlob }))).resolves.toBeDefined();
    await expect(through('dynamodb').send(new EncryptCommand(input))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(role.kms.send(new EncryptCommand(input))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    // Also a caller of another account is known: refused for what it may do, not for who it is.
    const root = peer.call(peer.sts.rootCredentials().caller);
    await peer.perform(peer.iam.operations.CreateUser, { UserName: 'guest' }, root);
    const { AccessKey: accessKey } = await peer.perform(peer.iam.operations.CreateAccessKey, { UserName: 'guest' }, root);
    const guest = peer.sts.find(String(accessKey.AccessKeyId))?.caller;
    if (!guest) throw new Error('The guest has no access key');
    const abroad = test.clients(toCredentials(sts.forwardAccess(guest, 'sqs'))).kms;
    await expect(abroad.send(new EncryptCommand(input))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('that SQS holds for the caller call SQS itself through SQS', async () => {
    const QueueUrl = await makeQueue('redriven', { Principal: { AWS: ACCOUNT }, Action: 'sqs:ReceiveMessage' });
    const onlyThrough = { StringEquals: { 'aws:CalledViaLast': 'sqs.amazonaws.com' } };
    const role = await test.role('Redriving', [{ Sid: 'Redrive', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*', Condition: onlyThrough }]);
    const caller = test.lab.account.sts.find(role.credentials.accessKeyId)?.caller;
    if (!caller) throw new Error('The role has no session');
    const forwarded = test.clients(toCredentials(test.lab.account.sts.forwardAccess(caller, 'sqs'))).sqs;
    await expect(forwarded.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }))).resolves.toBeDefined();
    await expect(role.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('that are the service’s own assume what trusts the service', async () => {
    const lambda = test.clients(toCredentials(test.lab.account.sts.serviceCredentials('lambda.amazonaws.com')));
    await expect(lambda.sts.send(new GetCallerIdentityCommand())).resolves.toMatchObject({ Arn: 'lambda.amazonaws.com' });
    await expect(lambda.lambda.send(new ListTagsCommand({ Resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:none` }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
