import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Person } from './person';
import { Rejection } from './rejection';

/** The most that one BatchWriteItem takes. */
const BATCH_SIZE = 25;
/** How often items that DynamoDB left unprocessed are sent again before they count as failed. */
const MAX_ATTEMPTS = 6;
const FIRST_BACKOFF_MS = 50;

/** How the outcome of each person is told: `undefined` when written. */
export type Outcome = Error | undefined;

/**
 * Writes people to the table, 25 at a time and in parallel. BatchWriteItem refuses two items of the same key, so those are
 * merged first, in order: the last one stays.
 *
 * @param pause waits so many milliseconds; full jitter between attempts
 * @returns the outcome of each person, in the order given
 */
export async function writePeople(
  client: DynamoDBDocumentClient,
  tableName: string,
  people: readonly Person[],
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<Outcome[]> {
  const items = new Map(people.map((person) => [keyOf(person), person]));
  const failed = new Map<string, Error>();
  const all = [...items.values()];
  const batches = Array.from({ length: Math.ceil(all.length / BATCH_SIZE) }, (_, index) => all.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE));
  await Promise.all(
    batches.map(async (batch) => {
      try {
        const left = await writeBatch(client, tableName, batch, pause);
        for (const person of left) failed.set(keyOf(person), new Rejection('WRITE_NOT_ACCEPTED'));
      } catch (error) {
        for (const person of batch) failed.set(keyOf(person), error as Error);
      }
    }),
  );
  return people.map((person) => failed.get(keyOf(person)));
}

const keyOf = (person: Person) => JSON.stringify([person.Name, person.Firstname]);

/** @returns what DynamoDB did not accept in the end */
async function writeBatch(
  client: DynamoDBDocumentClient,
  tableName: string,
  batch: readonly Person[],
  pause: (ms: number) => Promise<void>,
): Promise<readonly Person[]> {
  let left = batch;
  for (let attempt = 0; left.length > 0 && attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await pause(Math.random() * FIRST_BACKOFF_MS * 2 ** attempt);
    const answer = await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: left.map((person) => ({ PutRequest: { Item: { ...person } } })) } }));
    left = (answer.UnprocessedItems?.[tableName] ?? []).map((request) => request.PutRequest?.Item as Person);
  }
  return left;
}
