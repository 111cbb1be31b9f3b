import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateQueueCommand, PurgeQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Queues, queueArn } from './queues';
import { allow, type Clients, keyPolicy, REGION, startLab, type TestLab } from './support';

let test: TestLab;
let queues: Queues;
beforeAll(async () => {
  test = await startLab();
  queues = new Queues(test);
});
afterAll(() => test.stop());

describe('SQS on an encrypted queue', () => {
  const SQS = `sqs.${REGION}.amazonaws.com`;
  let sender: Clients;
  let receiver: Clients;
  let outsider: Clients;
  let KeyId: string;
  let QueueUrl: string;
  let statements: ReturnType<typeof allow>[];

  beforeAll(async () => {
    const all = [{ Sid: 'AllOfSqs', Effect: 'Allow', Action: 'sqs:*', Resource: '*' }];
    [sender, receiver, outsider] = (await Promise.all(['Sender', 'Receiver', 'Outsider'].map((name) => test.role(name, all)))) as [Clients, Clients, Clients];
    const context = { 'kms:ViaService': SQS, 'kms:EncryptionContext:aws:sqs:arn': queueArn('encrypted') };
    statements = [allow('Send', 'role/Sender', ['kms:GenerateDataKey', 'kms:Decrypt'], context), allow('Receive', 'role/Receiver', 'kms:Decrypt', context)];
    KeyId = String((await test.bootstrap.kms.send(new CreateKeyCommand({ Policy: keyPolicy(...statements) }))).KeyMetadata?.Arn);
    const made = await test.bootstrap.sqs.send(
      new CreateQueueCommand({ QueueName: 'encrypted', Attributes: { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '300', VisibilityTimeout: '0' } }),
    );
    QueueUrl = String(made.QueueUrl);
  });

  const refusedByKms = { name: 'KmsAccessDenied', message: expect.stringContaining('is not authorized to perform: kms:') };

  it('only principals of the key policy send and receive, though IAM allows all of them the same', async () => {
    await expect(queues.send(QueueUrl, 'for the receiver', sender)).resolves.toBeDefined();
    await expect(queues.send(QueueUrl, 'no', outsider)).rejects.toMatchObject(refusedByKms);
    await expect(queues.send(QueueUrl, 'no', receiver)).rejects.toMatchObject(refusedByKms);
    await expect(queues.receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
    expect(await queues.bodies(QueueUrl, receiver)).toContain('for the receiver');
  });

  it('a refused receive does not count as one', async () => {
    await expect(queues.receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
    const before = Number((await queues.receive(QueueUrl, receiver))[0]?.Attributes?.ApproximateReceiveCount);
    await expect(queues.receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
    expect(Number((await queues.receive(QueueUrl, receiver))[0]?.Attributes?.ApproximateReceiveCount)).toBe(before + 1);
  });

  it('a principal taken from the key policy sends until its data key is used up, then no more; put back, it sends again', async () => {
    await queues.send(QueueUrl, 'before', sender);
    await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(...statements.slice(1)) }));
    await expect(queues.send(QueueUrl, 'with the cached key', sender)).resolves.toBeDefined();
    test.advance(300);
    await expect(queues.send(QueueUrl, 'too late', sender)).rejects.toMatchObject(refusedByKms);
    await expect(queues.receive(QueueUrl, receiver)).resolves.toBeDefined();
    await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(...statements) }));
    await expect(queues.send(QueueUrl, 'again', sender)).resolves.toBeDefined();
  });

  it('a disabled key stops a caller without a cached data key', async () => {
    await test.bootstrap.kms.send(new DisableKeyCommand({ KeyId }));
    test.advance(300);
    await expect(queues.send(QueueUrl, 'no', sender)).rejects.toMatchObject({ name: 'KmsDisabled' });
    await test.bootstrap.kms.send(new EnableKeyCommand({ KeyId }));
    await expect(queues.send(QueueUrl, 'yes', sender)).resolves.toBeDefined();
  });

  it('messages stay readable after the queue’s encryption is switched off', async () => {
    await test.bootstrap.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await queues.send(QueueUrl, 'still sealed', sender);
    await test.bootstrap.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId: '' } }));
    await expect(queues.receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
    expect(await queues.bodies(QueueUrl, receiver)).toEqual(['still sealed']);
  });
});
