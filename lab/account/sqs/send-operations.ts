import { randomUUID } from 'node:crypto';
import type { BatchResultErrorEntry, SendMessageBatchRequest, SendMessageBatchResult, SendMessageRequest, SendMessageResult } from '@aws-sdk/client-sqs';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { checkBatch, runEntry } from './batch';
import { type Message, md5, md5OfAttributes } from './message';
import { checkEntry, type Entry, sizeOf } from './message-checks';
import { onQueue } from './on-queue';
import type { Queue } from './queue';
import type { Sqs } from './sqs';

/** Operations that send messages. */
export function sendOperations(sqs: Sqs) {
  const operation = onQueue(sqs);
  return {
    SendMessage: operation<SendMessageRequest, SendMessageResult>('SendMessage', 'SendMessage', async (queue, input, call) => {
      checkEntry(queue, input);
      const [message] = await send(sqs, queue, [input], call);
      return sent(message as Message);
    }),
    SendMessageBatch: operation<SendMessageBatchRequest, SendMessageBatchResult>('SendMessageBatch', 'SendMessage', async (queue, input, call) => {
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
      const messages = await send(sqs, queue, good, call);
      return {
        Successful: messages.map((message, index) => ({ Id: good[index]?.Id, ...sent(message) }) as NonNullable<SendMessageBatchResult['Successful']>[number]),
        Failed: failed,
      };
    }),
  };
}

async function send({ account, encryption }: Sqs, queue: Queue, entries: readonly Entry[], call: Call): Promise<Message[]> {
  const bodies = await encryption.seal(
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
}

const sent = (message: Message): SendMessageResult => ({
  MessageId: message.id,
  MD5OfMessageBody: message.md5,
  MD5OfMessageAttributes: message.attributesMd5,
});
