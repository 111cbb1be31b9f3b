import type {
  BatchResultErrorEntry,
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityRequest,
  DeleteMessageBatchRequest,
  DeleteMessageRequest,
  Message as MessageOutput,
  ReceiveMessageRequest,
  ReceiveMessageResult,
} from '@aws-sdk/client-sqs';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { checkBatch, MAX_BATCH, runEntry } from './batch';
import { type Message, md5OfAttributes } from './message';
import { checkReceipt, outOfRange } from './message-checks';
import { onQueue } from './on-queue';
import type { Queue } from './queue';
import type { Sqs } from './sqs';

/** What a batch on received messages answers. */
interface BatchResult {
  Successful: { Id: string | undefined }[];
  Failed: BatchResultErrorEntry[];
}

/** Operations that receive messages, and those on what was received. */
export function receiveOperations(sqs: Sqs) {
  const operation = onQueue(sqs);
  return {
    ReceiveMessage: operation<ReceiveMessageRequest, ReceiveMessageResult>('ReceiveMessage', 'ReceiveMessage', (queue, input, call) =>
      receive(sqs, queue, input, call),
    ),
    DeleteMessage: operation<DeleteMessageRequest, object>('DeleteMessage', 'DeleteMessage', (queue, input) => {
      remove(queue, input.ReceiptHandle);
      return {};
    }),
    DeleteMessageBatch: operation<DeleteMessageBatchRequest, BatchResult>('DeleteMessageBatch', 'DeleteMessage', (queue, input) => {
      const failed: BatchResultErrorEntry[] = [];
      const good = checkBatch(input.Entries).filter((entry) => runEntry(entry.Id, failed, () => remove(queue, entry.ReceiptHandle)));
      return { Successful: good.map(({ Id }) => ({ Id })), Failed: failed };
    }),
    ChangeMessageVisibility: operation<ChangeMessageVisibilityRequest, object>('ChangeMessageVisibility', 'ChangeMessageVisibility', (queue, input) => {
      changeVisibility(sqs, queue, input.ReceiptHandle, input.VisibilityTimeout);
      return {};
    }),
    ChangeMessageVisibilityBatch: operation<ChangeMessageVisibilityBatchRequest, BatchResult>(
      'ChangeMessageVisibilityBatch',
      'ChangeMessageVisibility',
      (queue, input) => {
        const failed: BatchResultErrorEntry[] = [];
        const good = checkBatch(input.Entries).filter((entry) =>
          runEntry(entry.Id, failed, () => changeVisibility(sqs, queue, entry.ReceiptHandle, entry.VisibilityTimeout)),
        );
        return { Successful: good.map(({ Id }) => ({ Id })), Failed: failed };
      },
    ),
  };
}

async function receive(sqs: Sqs, queue: Queue, input: ReceiveMessageRequest, call: Call): Promise<ReceiveMessageResult> {
  const { account } = sqs;
  const count = input.MaxNumberOfMessages ?? 1;
  if (count < 1 || count > MAX_BATCH) throw outOfRange('MaxNumberOfMessages', `Must be between 1 and ${MAX_BATCH}`, count);
  const waitMs = 1000 * (input.WaitTimeSeconds ?? queue.number('ReceiveMessageWaitTimeSeconds'));
  if (waitMs < 0 || waitMs > 20_000) throw outOfRange('WaitTimeSeconds', 'Must be >= 0 and <= 20', waitMs / 1000);
  const visibilityMs = 1000 * (input.VisibilityTimeout ?? queue.number('VisibilityTimeout'));
  const until = account.clock.now() + waitMs;
  let taken = queue.take(count, visibilityMs, moveToDeadLetterQueue(sqs, queue));
  while (taken.length === 0) {
    const left = until - account.clock.now();
    if (left <= 0) return {};
    await queue.wait(left);
    taken = queue.take(count, visibilityMs, moveToDeadLetterQueue(sqs, queue));
  }
  try {
    return { Messages: await Promise.all(taken.map(async (message) => show(message, await sqs.encryption.open(queue, message.body, call), input))) };
  } catch (error) {
    // A caller who cannot decrypt did not receive: the messages are there for others at once. Whether AWS counts the attempt is unconfirmed.
    for (const message of taken) {
      message.receiveCount -= 1;
      queue.release(message);
    }
    throw error;
  }
}

/** Moves a message that was received as often as the redrive policy allows. */
const moveToDeadLetterQueue = (sqs: Sqs, queue: Queue) => (message: Message) => {
  const redrive = queue.redrivePolicy;
  if (!redrive || message.receiveCount < redrive.maxReceiveCount) return false;
  const target = sqs.deadLetterQueueOf(queue);
  if (!target) return false;
  // The move neither decrypts nor encrypts: the message stays under the data key it was sent with.
  target.add({ ...message, visibleAt: sqs.account.clock.now(), receipt: undefined, deadLetterSourceArn: queue.arn });
  return true;
};

const remove = (queue: Queue, receipt: string | undefined) => {
  const message = queue.byReceipt(receipt);
  if (message) queue.remove(message);
  else checkReceipt(receipt);
};

const changeVisibility = ({ account }: Sqs, queue: Queue, receipt: string | undefined, seconds: number | undefined) => {
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
