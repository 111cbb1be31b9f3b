import type { MessageAttributeValue, SendMessageRequest } from '@aws-sdk/client-sqs';
import { notModelled, ServiceError } from '../errors';
import type { Queue } from './queue';

/** A message to send. */
export type Entry = Omit<SendMessageRequest, 'QueueUrl'>;

const MAX_ATTRIBUTES = 10;

/** SQS's answer to a number that is out of range. */
export const outOfRange = (name: string, rule: string, value: number) =>
  new ServiceError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid. Reason: ${rule}.`);

/**
 * Checks a receipt handle that no message has.
 *
 * @throws ServiceError ReceiptHandleIsInvalid when it never was one
 */
export function checkReceipt(receipt: string | undefined): void {
  // A handle of an earlier receive deletes nothing, but is no error; something that was never a handle is.
  if (!/^[0-9a-f-]{36} [0-9a-f-]{36}$/.test(Buffer.from(String(receipt), 'base64').toString())) {
    throw new ServiceError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not a valid receipt handle.`, 404);
  }
}

/** Bytes of a message, as SQS counts them: body, and names, types and values of attributes. */
export function sizeOf(entry: Entry): number {
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

/**
 * Checks a message to send.
 *
 * @throws ServiceError naming what is wrong
 */
export function checkEntry(queue: Queue, entry: Entry): void {
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
