import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { Queues, queueArn } from './queues';
import { startLab, type TestLab } from './support';

let test: TestLab;
let queues: Queues;
beforeAll(async () => {
  test = await startLab();
  queues = new Queues(test);
});
afterAll(() => test.stop());

describe('SQS in the lab', () => {
  it('hides a received message for its visibility timeout, on the account’s clock', async () => {
    const { QueueUrl } = await queues.make({ VisibilityTimeout: '60' });
    await queues.send(QueueUrl, 'one');
    expect(await queues.bodies(QueueUrl)).toEqual(['one']);
    expect(await queues.bodies(QueueUrl)).toEqual([]);
    test.advance(60);
    const [again] = await queues.receive(QueueUrl);
    expect(again?.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  });

  it('forgets what was deleted, and accepts an old receipt without effect', async () => {
    const { QueueUrl } = await queues.make({ VisibilityTimeout: '10' });
    await queues.send(QueueUrl, 'one');
    const [first] = await queues.receive(QueueUrl);
    test.advance(10);
    const [second] = await queues.receive(QueueUrl);
    await test.bootstrap.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    test.advance(10);
    expect(await queues.bodies(QueueUrl)).toEqual(['one']);
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    await expect(test.bootstrap.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' }))).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
  });

  it('makes a message visible at once when told so', async () => {
    const { QueueUrl } = await queues.make();
    await queues.send(QueueUrl, 'one');
    const [message] = await queues.receive(QueueUrl);
    await test.bootstrap.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await queues.bodies(QueueUrl)).toEqual(['one']);
  });

  it('delays messages, and drops them after the retention period', async () => {
    const { QueueUrl } = await queues.make({ DelaySeconds: '30', MessageRetentionPeriod: '60' });
    await queues.send(QueueUrl, 'one');
    expect(await queues.bodies(QueueUrl)).toEqual([]);
    test.advance(30);
    expect(await queues.bodies(QueueUrl, test.bootstrap, { VisibilityTimeout: 0 })).toEqual(['one']);
    test.advance(31);
    expect(await queues.bodies(QueueUrl)).toEqual([]);
  });

  /** Until a receive waits for a message of the queue. */
  async function isWaiting(name: string): Promise<void> {
    while (test.lab.account.sqs.queues.get(name)?.waiting !== 1) await new Promise((resolve) => setImmediate(resolve));
  }

  it('answers a long poll as soon as a message arrives', async () => {
    const { QueueUrl, name } = await queues.make();
    const polling = queues.bodies(QueueUrl, test.bootstrap, { WaitTimeSeconds: 20 });
    await isWaiting(name);
    await queues.send(QueueUrl, 'late');
    expect(await polling).toEqual(['late']);
  });

  it('answers a long poll when another receive gives its message back', async () => {
    const { QueueUrl, name } = await queues.make();
    await queues.send(QueueUrl, 'one');
    const [message] = await queues.receive(QueueUrl);
    const polling = queues.bodies(QueueUrl, test.bootstrap, { WaitTimeSeconds: 20 });
    await isWaiting(name);
    await test.bootstrap.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await polling).toEqual(['one']);
  });

  it('ends a long poll in account time', async () => {
    const { QueueUrl, name } = await queues.make();
    const polling = queues.bodies(QueueUrl, test.bootstrap, { WaitTimeSeconds: 20 });
    await isWaiting(name);
    test.advance(20);
    expect(await polling).toEqual([]);
  });

  it('answers batches entry by entry', async () => {
    const { QueueUrl } = await queues.make({ MaximumMessageSize: '1024' });
    const Entries = [
      { Id: 'good', MessageBody: 'fine' },
      { Id: 'bad', MessageBody: 'not\u0000allowed' },
    ];
    const answer = await test.bootstrap.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(answer.Successful?.map((entry) => entry.Id)).toEqual(['good']);
    expect(answer.Failed).toEqual([expect.objectContaining({ Id: 'bad', SenderFault: true })]);
    const [message] = await queues.receive(QueueUrl);
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
    const { QueueUrl } = await queues.make();
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
    const { QueueUrl } = await queues.make();
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
        const [message] = await queues.receive(QueueUrl);
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
    const { QueueUrl } = await queues.make();
    await queues.send(QueueUrl, 'one');
    await test.bootstrap.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await queues.bodies(QueueUrl)).toEqual([]);
  });

  it.each(['null', '[]', '"text"', '{"deadLetterTargetArn":5,"maxReceiveCount":2}', '{"deadLetterTargetArn":"x"}'])(
    'refuses the redrive policy %s',
    async (text) => {
      await expect(queues.make({ RedrivePolicy: text })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
    },
  );

  it.each(['null', '{"redrivePermission":"some"}', '{"sourceQueueArns":"x"}'])('refuses the redrive-allow policy %s', async (text) => {
    await expect(queues.make({ RedriveAllowPolicy: text })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });

  it('keeps the tags it is made with, and those given later', async () => {
    const { sqs } = test.bootstrap;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'tagged', tags: { team: 'red', cost: '7' } }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'blue' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['cost', 'none'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: 'blue' });
  });

  it('refuses unknown attributes and FIFO queues by name', async () => {
    await expect(queues.make({ Colour: 'red' })).rejects.toMatchObject({ message: 'Unknown Attribute Colour.' });
    await expect(test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: 'x.fifo', Attributes: { FifoQueue: 'true' } }))).rejects.toMatchObject({
      message: 'The lab does not model FIFO queues',
    });
  });

  describe('dead-letter messages', () => {
    async function makePair() {
      const dead = await queues.make();
      const source = await queues.make({
        VisibilityTimeout: '10',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(dead.name), maxReceiveCount: 2 }),
      });
      return { dead, source };
    }

    it('move after as many receives as allowed, and can be redriven', async () => {
      const { dead, source } = await makePair();
      await queues.send(source.QueueUrl, 'poison');
      for (let time = 0; time < 2; time++) {
        expect(await queues.bodies(source.QueueUrl)).toEqual(['poison']);
        test.advance(10);
      }
      expect(await queues.bodies(source.QueueUrl)).toEqual([]);
      expect(await queues.bodies(dead.QueueUrl, test.bootstrap, { VisibilityTimeout: 0 })).toEqual(['poison']);
      await test.bootstrap.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queueArn(dead.name) }));
      expect(await queues.bodies(source.QueueUrl)).toEqual(['poison']);
    });

    it('know the queues they come from', async () => {
      const { dead, source } = await makePair();
      const answer = await test.bootstrap.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }));
      expect(answer.queueUrls).toEqual([source.QueueUrl]);
    });

    it('are accepted only from the queues that the redrive-allow policy names', async () => {
      const allowed = queues.nameAfter(1);
      const named = await queues.make({
        RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [queueArn(allowed)] }),
      });
      const source = () => queues.make({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(named.name), maxReceiveCount: 2 }) });
      await expect(source()).resolves.toMatchObject({ name: allowed });
      await expect(source()).rejects.toMatchObject({ message: expect.stringContaining('does not allow') });
      const dead = await queues.make({ RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }) });
      await expect(queues.make({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(dead.name), maxReceiveCount: 2 }) })).rejects.toMatchObject({
        message: expect.stringContaining('does not allow'),
      });
    });
  });

  it('shows the attributes that were set, and counts', async () => {
    const { QueueUrl } = await queues.make({ VisibilityTimeout: '45' });
    await queues.send(QueueUrl, 'one');
    await queues.send(QueueUrl, 'two');
    await queues.receive(QueueUrl, test.bootstrap, { MaxNumberOfMessages: 1 });
    const { Attributes } = await test.bootstrap.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ VisibilityTimeout: '45', ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '1' });
  });
});
