import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { ServiceError } from '../errors';

/** Entries of a batch, and messages of a receive. */
export const MAX_BATCH = 10;

/**
 * Checks the entries of a batch as such.
 *
 * @throws ServiceError when there are none or too many, or when their ids are invalid or not distinct
 */
export function checkBatch<T extends { Id: string | undefined }>(entries: readonly T[] | undefined): readonly T[] {
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

/** Runs an entry of a batch; its error becomes the entry's. @returns whether it succeeded */
export function runEntry(id: string | undefined, failed: BatchResultErrorEntry[], run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    failed.push({ Id: id, SenderFault: true, Code: error.queryCode, Message: error.message });
    return false;
  }
}
