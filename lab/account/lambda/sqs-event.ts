import type { Message } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { Result } from './worker';

/** Messages that go to the function in one invocation. */
export type Batch = readonly Message[];

/** The event that Lambda makes of a batch. Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function toEvent(batch: Batch, queueArn: string, region: string): SQSEvent {
  return { Records: batch.map((message) => toRecord(message, queueArn, region)) };
}

function toRecord(message: Message, queueArn: string, region: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      dataType: String(value.DataType),
      stringListValues: [],
      binaryListValues: [],
      ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
      ...(value.BinaryValue === undefined ? {} : { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
    },
  ]);
  return {
    messageId: String(message.MessageId),
    receiptHandle: String(message.ReceiptHandle),
    body: String(message.Body),
    attributes: attributesOf(message),
    messageAttributes: Object.fromEntries(attributes) as SQSRecord['messageAttributes'],
    md5OfBody: String(message.MD5OfBody),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

/**
 * Which messages of a batch failed. A response that Lambda cannot read fails the whole batch.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedItems(outcome: Result, batch: Batch, reportFailures: boolean): ReadonlySet<string> {
  const all = new Set(batch.map((message) => String(message.MessageId)));
  if ('error' in outcome) return all;
  if (!reportFailures || outcome.result === null || outcome.result === '') return new Set();
  if (typeof outcome.result !== 'object') return all;
  const { batchItemFailures, ...others } = outcome.result as { batchItemFailures?: unknown };
  if (batchItemFailures === undefined) return Object.keys(others).length === 0 ? new Set() : all;
  if (batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return all;
  const failed = batchItemFailures.map((item: { itemIdentifier?: unknown }) => item?.itemIdentifier);
  return failed.every((id) => typeof id === 'string' && all.has(id)) ? new Set(failed as string[]) : all;
}

/** The system attributes of a message; a receive of all of them always brings these four. */
function attributesOf({ Attributes: attributes = {} }: Message): SQSRecord['attributes'] {
  return {
    ...attributes,
    ApproximateReceiveCount: String(attributes.ApproximateReceiveCount),
    SentTimestamp: String(attributes.SentTimestamp),
    SenderId: String(attributes.SenderId),
    ApproximateFirstReceiveTimestamp: String(attributes.ApproximateFirstReceiveTimestamp),
  };
}
