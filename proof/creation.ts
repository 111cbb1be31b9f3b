import { type Person, readPerson } from '../functions/consumer/person';

const ACTION = 'creation';

/** The attributes of a message that the consumer processes, as SQS takes them. */
export const CREATION = { Action: { DataType: 'String', StringValue: ACTION } };

/**
 * The person that a message with these attributes creates, read by the consumer's own code.
 *
 * @throws Rejection when the body names nobody
 */
export function personCreatedBy(body: string): Person {
  return readPerson({ body, messageAttributes: { Action: { dataType: 'String', stringValue: ACTION } } });
}
