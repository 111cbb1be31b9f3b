import type { SQSRecord } from 'aws-lambda';
import { Rejection } from './rejection';

/** One person as the table holds it: hash key `Name`, range key `Firstname`. */
export interface Person {
  readonly Name: string;
  readonly Firstname: string;
}

/** DynamoDB's limits on keys, in bytes of UTF-8. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_HASH_KEY_BYTES = 2048;
const MAX_RANGE_KEY_BYTES = 1024;

/**
 * Reads the person that a message creates. The body is `Name, Firstname`, or a JSON object with the members `Name` and
 * `Firstname`; the attribute `Action`, or the member of the same name, says `creation`.
 *
 * @throws Rejection when the message is not one of these
 */
export function readPerson(record: Pick<SQSRecord, 'body' | 'messageAttributes'>): Person {
  if (record.body.trim() === '') throw new Rejection('EMPTY_BODY');
  const fields = record.body.trimStart().startsWith('{') ? readJson(record.body) : readLine(record.body);
  const action = record.messageAttributes.Action?.stringValue ?? fields.action;
  if (action !== 'creation') throw new Rejection('UNKNOWN_ACTION');
  return {
    Name: checkName(fields.name, MAX_HASH_KEY_BYTES),
    Firstname: checkName(fields.firstname, MAX_RANGE_KEY_BYTES),
  };
}

interface Fields {
  readonly name: unknown;
  readonly firstname: unknown;
  readonly action?: unknown;
}

function readLine(body: string): Fields {
  const [name, firstname, ...rest] = body.split(',');
  if (firstname === undefined || rest.length > 0) throw new Rejection('BODY_NOT_UNDERSTOOD');
  return { name, firstname };
}

function readJson(body: string): Fields {
  let parsed: Readonly<Record<string, unknown>>;
  try {
    parsed = JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    throw new Rejection('BODY_NOT_UNDERSTOOD');
  }
  const { Name: name, Firstname: firstname, Action: action, ...rest } = parsed;
  if (Object.keys(rest).length > 0) throw new Rejection('BODY_NOT_UNDERSTOOD');
  return { name, firstname, action };
}

/** Surrounding blanks are not part of a name; everything else, of any script, is kept as it is. */
function checkName(value: unknown, maxBytes: number): string {
  if (value === undefined || value === null) throw new Rejection('NAME_MISSING');
  if (typeof value !== 'string') throw new Rejection('BODY_NOT_UNDERSTOOD');
  const name = value.trim();
  if (name === '') throw new Rejection('NAME_MISSING');
  // Half of a surrogate pair has no UTF-8 form: DynamoDB would store another character.
  if (/\p{Surrogate}/u.test(name)) throw new Rejection('BODY_NOT_UNDERSTOOD');
  if (Buffer.byteLength(name) > maxBytes) throw new Rejection('NAME_TOO_LONG');
  return name;
}
