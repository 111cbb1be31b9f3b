import { Account } from '../../lab/account/account';
import { actorWith } from '../../proof/actors';
import { Clients } from '../../proof/clients';
import { isRefused, observe } from '../../proof/observation';
import { ACCOUNT, REGION, startLab, type TestLab } from '../lab/support';

let test: TestLab;
let bootstrap: Clients;
beforeAll(async () => {
  test = await startLab();
  bootstrap = new Clients(test.lab, actorWith(test.lab.bootstrap, test.lab.account));
});
afterAll(() => test.stop());

const urlOf = (queue: string) => `${test.lab.endpoint.url}/${ACCOUNT}/${queue}`;
const user = `arn:aws:iam::${ACCOUNT}:user/bootstrap`;

describe('clients of an actor', () => {
  it('change nothing in a dry run, and the same request changes it otherwise', async () => {
    const sqs = bootstrap.of('sqs');
    await sqs.createQueue({ QueueName: 'kept' });
    const dryRun = bootstrap.of('sqs', { dryRun: true }).deleteQueue({ QueueUrl: urlOf('kept') });
    await expect(dryRun).rejects.toThrow('Allowed, and not done: sqs:DeleteQueue');
    expect(test.lab.account.sqs.queues.has('kept')).toBe(true);
    await sqs.deleteQueue({ QueueUrl: urlOf('kept') });
    expect(test.lab.account.sqs.queues.has('kept')).toBe(false);
  });

  it('call through the endpoint without TLS where that is asked for', async () => {
    const denyPlain = { Sid: 'DenyPlain', Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' };
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...denyPlain, Condition }] });
    await bootstrap.of('sqs').createQueue({ QueueName: 'tls', Attributes: { Policy } });
    const send = (plain: boolean) => bootstrap.of('sqs', { plain }).sendMessage({ QueueUrl: urlOf('tls'), MessageBody: 'text' });
    await expect(send(false)).resolves.toHaveProperty('MessageId');
    await expect(send(true)).rejects.toThrow('explicit deny in a resource-based policy');
  });

  it('call through a service that passes the call on', async () => {
    const kms = bootstrap.of('kms');
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'Maintain', Effect: 'Allow', Principal: { AWS: user }, NotAction: 'kms:Encrypt', Resource: '*' },
        {
          Sid: 'ThroughSqs',
          Effect: 'Allow',
          Principal: { AWS: user },
          Action: 'kms:Encrypt',
          Resource: '*',
          Condition: { StringEquals: { 'kms:ViaService': `sqs.${REGION}.amazonaws.com` } },
        },
      ],
    });
    const { KeyMetadata } = await kms.createKey({ Policy });
    const encrypt = (via?: string) => bootstrap.of('kms', { via }).encrypt({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') });
    await expect(encrypt('sqs')).resolves.toHaveProperty('CiphertextBlob');
    await expect(encrypt('dynamodb')).rejects.toThrow('not authorized');
    await expect(encrypt()).rejects.toThrow('not authorized');
  });

  it('do not sign for an actor without credentials', async () => {
    const anonymous = new Clients(test.lab, { caller: { ...bootstrap.actor.caller, principal: { kind: 'anonymous', arn: '*', principalArn: '*' } } });
    await expect(anonymous.of('sqs').listQueues({})).rejects.toThrow(
      expect.objectContaining({ name: expect.stringMatching(/^(MissingAuthenticationToken|AccessDenied)/) }),
    );
    expect(bootstrap.of('sqs')).not.toBe(anonymous.of('sqs'));
  });
});

describe('an actor', () => {
  it('is the caller to whom its account gave the credentials', () => {
    expect(bootstrap.actor.caller.principal.arn).toBe(user);
    const { account } = test.lab;
    const foreign = new Account({ accountId: '999988887777', region: REGION, clock: account.clock, peer: account });
    const root = actorWith(foreign.sts.rootCredentials(), account, foreign);
    expect(root.caller.principal.arn).toBe('arn:aws:iam::999988887777:root');
    const credentials = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'none' };
    expect(() => actorWith(credentials, account, foreign)).toThrow('The access key AKIAUNKNOWN is of no account');
  });
});

describe('an observation', () => {
  it('of a success has the last decision of its request', async () => {
    const observation = await observe(test.lab.account, bootstrap.of('sqs').listQueues({}));
    expect(observation).toMatchObject({ decision: { action: 'sqs:ListQueues', decision: { outcome: 'allowed' } } });
    expect(observation.error).toBeUndefined();
    expect(isRefused(observation)).toBe(false);
  });

  it('of a refusal has the decision that refused', async () => {
    const role = await test.role('Nothing', [{ Sid: 'Nothing', Effect: 'Deny', Action: 'sqs:*', Resource: '*' }]);
    const clients = new Clients(test.lab, actorWith(role.credentials, test.lab.account));
    const observation = await observe(test.lab.account, clients.of('sqs').listQueues({}));
    expect(isRefused(observation)).toBe(true);
    expect(observation.decision).toMatchObject({ action: 'sqs:ListQueues', decision: { outcome: 'explicitly denied' } });
  });

  it('of another error is no refusal', async () => {
    const observation = await observe(test.lab.account, bootstrap.of('sqs').sendMessage({ QueueUrl: urlOf('none'), MessageBody: 'text' }));
    expect(observation.error?.name).toContain('DoesNotExist');
    expect(isRefused(observation)).toBe(false);
  });

  it('of an attempt that sent nothing has no request, and what is no error is thrown on', async () => {
    expect(await observe(test.lab.account, Promise.reject(new Error('not sent')))).toEqual({ error: new Error('not sent') });
    await expect(observe(test.lab.account, Promise.reject('text'))).rejects.toBe('text');
  });
});
