import { createHash, randomUUID } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

/** A body as the queue keeps it: sealed under a data key of the queue's key, or plain on a queue without one. */
export type Body = { readonly sealed: Uint8Array; readonly dataKey: Uint8Array; readonly contextArn: string } | { readonly plain: string };

/** One message in a queue. Times are account time in milliseconds. */
export interface Message {
  readonly id: string;
  body: Body;
  readonly md5: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly attributesMd5?: string;
  readonly sentAt: number;
  readonly senderId: string;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** Proof of the latest receive. */
  receipt?: string;
  /** On a dead-letter message, the queue it came from. */
  deadLetterSourceArn?: string;
}

/** A new receipt handle. */
export function newReceipt(): string {
  return Buffer.from(`${randomUUID()} ${randomUUID()}`).toString('base64');
}

/** MD5 as SQS proves to its clients that it understood. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * MD5 of message attributes.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const value = attributes[name];
    add(Buffer.from(name));
    add(Buffer.from(String(value?.DataType)));
    hash.update(Buffer.of(value?.BinaryValue === undefined ? 1 : 2));
    add(value?.BinaryValue === undefined ? Buffer.from(String(value?.StringValue)) : value.BinaryValue);
  }
  return hash.digest('hex');
}
