import { randomUUID } from 'node:crypto';
import type {
  BatchResultErrorEntry,
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityRequest,
  DeleteMessageBatchRequest,
  DeleteMessageRequest,
  MessageAttributeValue,
  Message as MessageOutput,
  ReceiveMessageRequest,
  ReceiveMessageResult,
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import type { Call } from '../caller';
import { notModelled, ServiceError } from '../errors';
import { type Operation, operationsOf } from '../operation';
import { type Message, md5, md5OfAttributes } from './message';
import type { Queue } from './queue';
import type { Sqs } from './sqs';

const operation = operationsOf('sqs');

const MAX_BATCH = 10;
const MAX_ATTRIBUTES = 10;

type Entry = Omit<SendMessageRequest, 'QueueUrl'>;
interface QueueUrlInput {
  QueueUrl: string | undefined;
}

/** Operations on messages. A batch needs the permission of the single operation. */
export function messageOperations(sqs: Sqs) {
  const { account } = sqs;
  const onQueue = <I extends QueueUrlInput, O>(name: string, action: string, run: (queue: Queue, input: I, call: Call) => O | Promise<O>): Operation<I, O> =>
    operation<I, O>(name, {
      action: `sqs:${action}`,
      event: 'data',
      target: (input, call) => sqs.target(sqs.byUrl(input.QueueUrl), call),
      run: (input, call) => run(sqs.byUrl(input.QueueUrl), input, call),
    });

  const send = async (queue: Queue, entries: readonly Entry[], call: Call): Promise<Message[]> => {
    const bodies = await sqs.encryption.seal(
      queue,
      entries.map((entry) => String(entry.MessageBody)),
      call,
    );
    const now = account.clock.now();
    return entries.map((entry, index) => {
      const body = String(entry.MessageBody);
      const attributes = entry.MessageAttributes ?? {};
      const message: Message = {
        id: randomUUID(),
        body: bodies[index] as Message['body'],
        md5: md5(body),
        attributes,
        attributesMd5: md5OfAttributes(attributes),
        sentAt: now,
        senderId: call.caller.userId,
        visibleAt: now + 1000 * (entry.DelaySeconds ?? queue.number('DelaySeconds')),
        receiveCount: 0,
      };
      queue.add(message);
      return message;
    });
  };

  const sent = (message: Message): SendMessageResult => ({
    MessageId: message.id,
    MD5OfMessageBody: message.md5,
    MD5OfMessageAttributes: message.attributesMd5,
  });

  /** Moves a message that was received as often as the redrive policy allows. */
  const moveToDeadLetterQueue = (queue: Queue) => (message: Message) => {
    const redrive = queue.redrivePolicy;
    if (!redrive || message.receiveCount < redrive.maxReceiveCount) return false;
    const target = sqs.deadLetterQueueOf(queue);
    if (!target) return false;
    // The move neither decrypts nor encrypts: the dead letter stays under the data key it was sent with.
    target.add({ ...message, visibleAt: account.clock.now(), receipt: undefined, deadLetterSourceArn: queue.arn });
    return true;
  };

  const receive = async (queue: Queue, input: ReceiveMessageRequest, call: Call): Promise<ReceiveMessageResult> => {
    const count = input.MaxNumberOfMessages ?? 1;
    if (count < 1 || count > MAX_BATCH) throw outOfRange('MaxNumberOfMessages', `Must be between 1 and ${MAX_BATCH}`, count);
    const waitMs = 1000 * (input.WaitTimeSeconds ?? queue.number('ReceiveMessageWaitTimeSeconds'));
    if (waitMs < 0 || waitMs > 20_000) throw outOfRange('WaitTimeSeconds', 'Must be >= 0 and <= 20', waitMs / 1000);
    const visibilityMs = 1000 * (input.VisibilityTimeout ?? queue.number('VisibilityTimeout'));
    const until = account.clock.now() + waitMs;
    let taken = queue.take(count, visibilityMs, moveToDeadLetterQueue(queue));
    while (taken.length === 0) {
      const left = until - account.clock.now();
      if (left <= 0) return {};
      await queue.wait(left);
      taken = queue.take(count, visibilityMs, moveToDeadLetterQueue(queue));
    }
    try {
      return { Messages: await Promise.all(taken.map(async (message) => show(message, await sqs.encryption.open(queue, message.body, call), input))) };
    } catch (error) {
      // Whoever cannot decrypt did not receive: the messages are there for others at once. Whether AWS counts the attempt is unconfirmed.
      for (const message of taken) {
        message.receiveCount -= 1;
        queue.release(message);
      }
      throw error;
    }
  };

  const remove = (queue: Queue, receipt: string | undefined) => {
    const message = queue.byReceipt(receipt);
    if (message) queue.remove(message);
    else checkReceipt(receipt);
  };

  const changeVisibility = (queue: Queue, receipt: string | undefined, seconds: number | undefined) => {
    if (seconds === undefined || seconds < 0 || seconds > 43_200) throw outOfRange('VisibilityTimeout', 'Must be between 0 and 43200', Number(seconds));
    const message = queue.byReceipt(receipt);
    if (!message) {
      checkReceipt(receipt);
      throw new ServiceError(
        'MessageNotInflight',
        'The message is not available for visibility timeout change',
        400,
        'AWS.SimpleQueueService.MessageNotInflight',
      );
    }
    queue.showAt(message, account.clock.now() + seconds * 1000);
  };

  return {
    SendMessage: onQueue<SendMessageRequest, SendMessageResult>('SendMessage', 'SendMessage', async (queue, input, call) => {
      checkEntry(queue, input);
      const [message] = await send(queue, [input], call);
      return sent(message as Message);
    }),
    SendMessageBatch: onQueue<SendMessageBatchRequest, SendMessageBatchResult>('SendMessageBatch', 'SendMessage', async (queue, input, call) => {
      const entries = checkBatch(input.Entries);
      const total = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
      if (total > queue.number('MaximumMessageSize')) {
        throw new ServiceError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${queue.number('MaximumMessageSize')} bytes. You have sent ${total} bytes.`,
          400,
          'AWS.SimpleQueueService.BatchRequestTooLong',
        );
      }
      const failed: BatchResultErrorEntry[] = [];
      const good = entries.filter((entry) => runEntry(entry.Id, failed, () => checkEntry(queue, entry)));
      const messages = await send(queue, good, call);
      return {
        Successful: messages.map((message, index) => ({ Id: good[index]?.Id, ...sent(message) }) as NonNullable<SendMessageBatchResult['Successful']>[number]),
        Failed: failed,
      };
    }),
    ReceiveMessage: onQueue<ReceiveMessageRequest, ReceiveMessageResult>('ReceiveMessage', 'ReceiveMessage', receive),
    DeleteMessage: onQueue<DeleteMessageRequest, object>('DeleteMessage', 'DeleteMessage', (queue, input) => {
      remove(queue, input.ReceiptHandle);
      return {};
    }),
    DeleteMessageBatch: onQueue<DeleteMessageBatchRequest, { Successful: { Id: string | undefined }[]; Failed: BatchResultErrorEntry[] }>(
      'DeleteMessageBatch',
      'DeleteMessage',
      (queue, input) => {
        const failed: BatchResultErrorEntry[] = [];
        const good = checkBatch(input.Entries).filter((entry) => runEntry(entry.Id, failed, () => remove(queue, entry.ReceiptHandle)));
        return { Successful: good.map(({ Id }) => ({ Id })), Failed: failed };
      },
    ),
    ChangeMessageVisibility: onQueue<ChangeMessageVisibilityRequest, object>('ChangeMessageVisibility', 'ChangeMessageVisibility', (queue, input) => {
      changeVisibility(queue, input.ReceiptHandle, input.VisibilityTimeout);
      return {};
    }),
    ChangeMessageVisibilityBatch: onQueue<ChangeMessageVisibilityBatchRequest, { Successful: { Id: string | undefined }[]; Failed: BatchResultErrorEntry[] }>(
      'ChangeMessageVisibilityBatch',
      'ChangeMessageVisibility',
      (queue, input) => {
        const failed: BatchResultErrorEntry[] = [];
        const good = checkBatch(input.Entries).filter((entry) =>
          runEntry(entry.Id, failed, () => changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout)),
        );
        return { Successful: good.map(({ Id }) => ({ Id })), Failed: failed };
      },
    ),
  };
}

const outOfRange = (name: string, rule: string, value: number) =>
  new ServiceError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid. Reason: ${rule}.`);

function checkReceipt(receipt: string | undefined): void {
  // A handle of an earlier receive deletes nothing, but is no error; something that was never a handle is.
  if (!/^[0-9a-f-]{36} [0-9a-f-]{36}$/.test(Buffer.from(String(receipt), 'base64').toString())) {
    throw new ServiceError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not a valid receipt handle.`, 404);
  }
}

function checkBatch<T extends { Id: string | undefined }>(entries: readonly T[] | undefined): readonly T[] {
  const ids = (entries ?? []).map((entry) => entry.Id);
  const refuse = (code: string, query: string, message: string) => new ServiceError(code, message, 400, `AWS.SimpleQueueService.${query}`);
  if (ids.length === 0) throw refuse('EmptyBatchRequest', 'EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (ids.length > MAX_BATCH)
    throw refuse(
      'TooManyEntriesInBatchRequest',
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_BATCH}. You have sent ${ids.length}.`,
    );
  const bad = ids.find((id) => !/^[\w-]{1,80}$/.test(String(id)));
  if (bad !== undefined)
    throw refuse(
      'InvalidBatchEntryId',
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw refuse('BatchEntryIdsNotDistinct', 'BatchEntryIdsNotDistinct', `Id ${twice} repeated.`);
  return entries ?? [];
}

/** Runs one entry of a batch; its error becomes the entry's. */
function runEntry(id: string | undefined, failed: BatchResultErrorEntry[], run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    failed.push({ Id: id, SenderFault: true, Code: error.queryCode, Message: error.message });
    return false;
  }
}

function sizeOf(entry: Entry): number {
  const attributes = Object.entries(entry.MessageAttributes ?? {});
  const ofValue = (value: MessageAttributeValue) =>
    Buffer.byteLength(String(value.DataType)) + (value.BinaryValue?.length ?? Buffer.byteLength(value.StringValue ?? ''));
  return Buffer.byteLength(String(entry.MessageBody)) + attributes.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + ofValue(value), 0);
}

/** The characters of XML 1.0, as SQS asks for. */
function isAllowed(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

function checkEntry(queue: Queue, entry: Entry): void {
  if (entry.MessageGroupId !== undefined || entry.MessageDeduplicationId !== undefined) throw notModelled('message groups');
  if (entry.MessageSystemAttributes !== undefined) throw notModelled('message system attributes on sending');
  if (!entry.MessageBody) throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
  // Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  if (![...entry.MessageBody].every(isAllowed)) {
    throw new ServiceError('InvalidMessageContents', 'Invalid characters found.');
  }
  const limit = queue.number('MaximumMessageSize');
  if (sizeOf(entry) > limit)
    throw new ServiceError('InvalidParameterValue', `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  if (entry.DelaySeconds !== undefined && (entry.DelaySeconds < 0 || entry.DelaySeconds > 900))
    throw outOfRange('DelaySeconds', 'DelaySeconds must be >= 0 and <= 900', entry.DelaySeconds);
  const attributes = Object.entries(entry.MessageAttributes ?? {});
  if (attributes.length > MAX_ATTRIBUTES)
    throw new ServiceError('InvalidParameterValue', `Number of message attributes [${attributes.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`);
  for (const [name, value] of attributes) {
    const type = String(value.DataType).split('.')[0];
    const filled = type === 'Binary' ? value.BinaryValue !== undefined : (type === 'String' || type === 'Number') && Boolean(value.StringValue);
    if (!filled) throw new ServiceError('InvalidParameterValue', `The message attribute '${name}' must contain a non-empty value of its type.`);
  }
}

function show(message: Message, body: string, input: ReceiveMessageRequest): MessageOutput {
  const system: Record<string, string | undefined> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  };
  const wanted = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])] as string[];
  const shown = Object.entries(system).filter(([name, value]) => value !== undefined && (wanted.includes('All') || wanted.includes(name)));
  const names = input.MessageAttributeNames ?? [];
  const isWanted = (name: string) =>
    names.some((pattern) => pattern === 'All' || pattern === '.*' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))));
  const attributes = Object.fromEntries(Object.entries(message.attributes).filter(([name]) => isWanted(name)));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: message.md5,
    Body: body,
    ...(shown.length > 0 ? { Attributes: Object.fromEntries(shown) as Record<string, string> } : {}),
    ...(Object.keys(attributes).length > 0 ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) } : {}),
  };
}
