import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { ACCOUNT, allow, type Clients, keyPolicy, REGION, startLab, type TestLab } from './support';

let test: TestLab;
beforeAll(async () => {
  test = await startLab();
});
afterAll(() => test.stop());

let queues = 0;
const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

async function makeQueue(Attributes: Record<string, string> = {}): Promise<{ QueueUrl: string; name: string }> {
  queues += 1;
  const name = `queue-${queues}`;
  const { QueueUrl } = await test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return { QueueUrl: String(QueueUrl), name };
}

const send = (QueueUrl: string, MessageBody: string, as: Clients = test.bootstrap) => as.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (QueueUrl: string, as: Clients = test.bootstrap, more: object = {}) =>
  (
    await as.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'], ...more }),
    )
  ).Messages ?? [];
const bodies = async (...given: Parameters<typeof receive>) => (await receive(...given)).map((message) => message.Body);

describe('SQS in the lab', () => {
  it('hides a received message for its visibility timeout, on the account’s clock', async () => {
    const { QueueUrl } = await makeQueue({ VisibilityTimeout: '60' });
    await send(QueueUrl, 'one');
    expect(await bodies(QueueUrl)).toEqual(['one']);
    expect(await bodies(QueueUrl)).toEqual([]);
    test.advance(60);
    const [again] = await receive(QueueUrl);
    expect(again?.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  });

  it('forgets what was deleted, and accepts an old receipt without effect', async () => {
    const { QueueUrl } = await makeQueue({ VisibilityTimeout: '10' });
    await send(QueueUrl, 'one');
    const [first] = await receive(QueueUrl);
    test.advance(10);
    const [second] = await receive(QueueUrl);
    await test.bootstrap.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    test.advance(10);
    expect(await bodies(QueueUrl)).toEqual(['one']);
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    await expect(test.bootstrap.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' }))).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
  });

  it('makes a message visible at once when told so', async () => {
    const { QueueUrl } = await makeQueue();
    await send(QueueUrl, 'one');
    const [message] = await receive(QueueUrl);
    await test.bootstrap.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await bodies(QueueUrl)).toEqual(['one']);
  });

  it('delays messages, and drops them after the retention period', async () => {
    const { QueueUrl } = await makeQueue({ DelaySeconds: '30', MessageRetentionPeriod: '60' });
    await send(QueueUrl, 'one');
    expect(await bodies(QueueUrl)).toEqual([]);
    test.advance(30);
    expect(await bodies(QueueUrl, test.bootstrap, { VisibilityTimeout: 0 })).toEqual(['one']);
    test.advance(31);
    expect(await bodies(QueueUrl)).toEqual([]);
  });

  /** Until a receive waits for a message of the queue. */
  async function isWaiting(name: string): Promise<void> {
    while (test.lab.account.sqs.queues.get(name)?.waiting !== 1) await new Promise((resolve) => setImmediate(resolve));
  }

  it('answers a long poll as soon as a message arrives', async () => {
    const { QueueUrl, name } = await makeQueue();
    const polling = bodies(QueueUrl, test.bootstrap, { WaitTimeSeconds: 20 });
    await isWaiting(name);
    await send(QueueUrl, 'late');
    expect(await polling).toEqual(['late']);
  });

  it('answers a long poll when another receive gives its message back', async () => {
    const { QueueUrl, name } = await makeQueue();
    await send(QueueUrl, 'one');
    const [message] = await receive(QueueUrl);
    const polling = bodies(QueueUrl, test.bootstrap, { WaitTimeSeconds: 20 });
    await isWaiting(name);
    await test.bootstrap.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await polling).toEqual(['one']);
  });

  it('ends a long poll in account time', async () => {
    const { QueueUrl, name } = await makeQueue();
    const polling = bodies(QueueUrl, test.bootstrap, { WaitTimeSeconds: 20 });
    await isWaiting(name);
    test.advance(20);
    expect(await polling).toEqual([]);
  });

  it('answers batches entry by entry', async () => {
    const { QueueUrl } = await makeQueue({ MaximumMessageSize: '1024' });
    const Entries = [
      { Id: 'good', MessageBody: 'fine' },
      { Id: 'bad', MessageBody: 'not\u0000allowed' },
    ];
    const answer = await test.bootstrap.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(answer.Successful?.map((entry) => entry.Id)).toEqual(['good']);
    expect(answer.Failed).toEqual([expect.objectContaining({ Id: 'bad', SenderFault: true })]);
    const [message] = await receive(QueueUrl);
    const deleted = await test.bootstrap.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(deleted).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b' }] });
  });

  it('refuses batches that are empty, too long, or name an entry twice', async () => {
    const { QueueUrl } = await makeQueue();
    const batch = (Entries: { Id: string; MessageBody: string }[]) => test.bootstrap.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(batch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(batch(Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' })))).rejects.toMatchObject({
      name: 'TooManyEntriesInBatchRequest',
    });
    await expect(
      batch([
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ]),
    ).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
  });

  it('returns any text and attribute unchanged, with the checksums that clients verify', async () => {
    const { QueueUrl } = await makeQueue();
    const allowed = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter((text) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text));
    await fc.assert(
      fc.asyncProperty(allowed, allowed, async (body, value) => {
        const sent = await test.bootstrap.sqs.send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: body,
            MessageAttributes: { Text: { DataType: 'String', StringValue: value }, Bytes: { DataType: 'Binary', BinaryValue: Buffer.from(value) } },
          }),
        );
        const [message] = await receive(QueueUrl);
        await test.bootstrap.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
        expect(message?.Body).toBe(body);
        expect(message?.MessageAttributes?.Text?.StringValue).toBe(value);
        expect(Buffer.from(message?.MessageAttributes?.Bytes?.BinaryValue ?? [])).toEqual(Buffer.from(value));
        expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
      }),
      { numRuns: 30 },
    );
  });

  it('empties a queue that is purged', async () => {
    const { QueueUrl } = await makeQueue();
    await send(QueueUrl, 'one');
    await test.bootstrap.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await bodies(QueueUrl)).toEqual([]);
  });

  it.each(['null', '[]', '"text"', '{"deadLetterTargetArn":5,"maxReceiveCount":2}', '{"deadLetterTargetArn":"x"}'])(
    'refuses the redrive policy %s',
    async (text) => {
      await expect(makeQueue({ RedrivePolicy: text })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
    },
  );

  it.each(['null', '{"redrivePermission":"some"}', '{"sourceQueueArns":"x"}'])('refuses the redrive-allow policy %s', async (text) => {
    await expect(makeQueue({ RedriveAllowPolicy: text })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });

  it('keeps the tags it is made with, and those given later', async () => {
    const { sqs } = test.bootstrap;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'tagged', tags: { team: 'red', cost: '7' } }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'blue' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['cost', 'none'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: 'blue' });
  });

  it('refuses unknown attributes and FIFO queues by name', async () => {
    await expect(makeQueue({ Colour: 'red' })).rejects.toMatchObject({ message: 'Unknown Attribute Colour.' });
    await expect(test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: 'x.fifo', Attributes: { FifoQueue: 'true' } }))).rejects.toMatchObject({
      message: 'The lab does not model FIFO queues',
    });
  });

  describe('dead-letter messages', () => {
    async function makePair() {
      const dead = await makeQueue();
      const source = await makeQueue({ VisibilityTimeout: '10', RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead.name), maxReceiveCount: 2 }) });
      return { dead, source };
    }

    it('move after as many receives as allowed, and can be redriven', async () => {
      const { dead, source } = await makePair();
      await send(source.QueueUrl, 'poison');
      for (let time = 0; time < 2; time++) {
        expect(await bodies(source.QueueUrl)).toEqual(['poison']);
        test.advance(10);
      }
      expect(await bodies(source.QueueUrl)).toEqual([]);
      expect(await bodies(dead.QueueUrl, test.bootstrap, { VisibilityTimeout: 0 })).toEqual(['poison']);
      await test.bootstrap.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead.name) }));
      expect(await bodies(source.QueueUrl)).toEqual(['poison']);
    });

    it('know the queues they come from', async () => {
      const { dead, source } = await makePair();
      const answer = await test.bootstrap.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }));
      expect(answer.queueUrls).toEqual([source.QueueUrl]);
    });

    it('are accepted only from the queues that the redrive-allow policy names', async () => {
      const allowed = queues + 2;
      const named = await makeQueue({
        RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arnOf(`queue-${allowed}`)] }),
      });
      const source = () => makeQueue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(named.name), maxReceiveCount: 2 }) });
      await expect(source()).resolves.toMatchObject({ name: `queue-${allowed}` });
      await expect(source()).rejects.toMatchObject({ message: expect.stringContaining('does not allow') });
      const dead = await makeQueue({ RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }) });
      await expect(makeQueue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead.name), maxReceiveCount: 2 }) })).rejects.toMatchObject({
        message: expect.stringContaining('does not allow'),
      });
    });
  });

  describe('on an encrypted queue', () => {
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
      const context = { 'kms:ViaService': SQS, 'kms:EncryptionContext:aws:sqs:arn': arnOf('encrypted') };
      statements = [allow('Send', 'role/Sender', ['kms:GenerateDataKey', 'kms:Decrypt'], context), allow('Receive', 'role/Receiver', 'kms:Decrypt', context)];
      KeyId = String((await test.bootstrap.kms.send(new CreateKeyCommand({ Policy: keyPolicy(...statements) }))).KeyMetadata?.Arn);
      const made = await test.bootstrap.sqs.send(
        new CreateQueueCommand({ QueueName: 'encrypted', Attributes: { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '300', VisibilityTimeout: '0' } }),
      );
      QueueUrl = String(made.QueueUrl);
    });

    const refusedByKms = { name: 'KmsAccessDenied', message: expect.stringContaining('is not authorized to perform: kms:') };

    it('only principals of the key policy send and receive, though IAM allows all of them the same', async () => {
      await expect(send(QueueUrl, 'for the receiver', sender)).resolves.toBeDefined();
      await expect(send(QueueUrl, 'no', outsider)).rejects.toMatchObject(refusedByKms);
      await expect(send(QueueUrl, 'no', receiver)).rejects.toMatchObject(refusedByKms);
      await expect(receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
      expect(await bodies(QueueUrl, receiver)).toContain('for the receiver');
    });

    it('a refused receive does not count as one', async () => {
      await expect(receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
      const before = Number((await receive(QueueUrl, receiver))[0]?.Attributes?.ApproximateReceiveCount);
      await expect(receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
      expect(Number((await receive(QueueUrl, receiver))[0]?.Attributes?.ApproximateReceiveCount)).toBe(before + 1);
    });

    it('a principal taken from the key policy sends until its data key is used up, then no more; put back, it sends again', async () => {
      await send(QueueUrl, 'before', sender);
      await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(...statements.slice(1)) }));
      await expect(send(QueueUrl, 'with the cached key', sender)).resolves.toBeDefined();
      test.advance(300);
      await expect(send(QueueUrl, 'too late', sender)).rejects.toMatchObject(refusedByKms);
      await expect(receive(QueueUrl, receiver)).resolves.toBeDefined();
      await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(...statements) }));
      await expect(send(QueueUrl, 'again', sender)).resolves.toBeDefined();
    });

    it('a disabled key stops a caller without a cached data key', async () => {
      await test.bootstrap.kms.send(new DisableKeyCommand({ KeyId }));
      test.advance(300);
      await expect(send(QueueUrl, 'no', sender)).rejects.toMatchObject({ name: 'KmsDisabled' });
      await test.bootstrap.kms.send(new EnableKeyCommand({ KeyId }));
      await expect(send(QueueUrl, 'yes', sender)).resolves.toBeDefined();
    });

    it('messages stay readable after the queue’s encryption is switched off', async () => {
      await test.bootstrap.sqs.send(new PurgeQueueCommand({ QueueUrl }));
      await send(QueueUrl, 'still sealed', sender);
      await test.bootstrap.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId: '' } }));
      await expect(receive(QueueUrl, outsider)).rejects.toMatchObject(refusedByKms);
      expect(await bodies(QueueUrl, receiver)).toEqual(['still sealed']);
    });
  });

  it('shows the attributes that were set, and counts', async () => {
    const { QueueUrl } = await makeQueue({ VisibilityTimeout: '45' });
    await send(QueueUrl, 'one');
    await send(QueueUrl, 'two');
    await receive(QueueUrl, test.bootstrap, { MaxNumberOfMessages: 1 });
    const { Attributes } = await test.bootstrap.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ VisibilityTimeout: '45', ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '1' });
  });
});
