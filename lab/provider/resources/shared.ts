import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../../account/errors';
import { tagsOf } from '../resource-type';
import type { Values } from '../values';

const GONE = /^(NoSuchEntity|NotFoundException|ResourceNotFoundException|QueueDoesNotExist|PolicyNotFoundException)$/;

/** Reads something; `undefined` when the service does not know it any more. */
export async function undefinedIfNotFound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ServiceError && GONE.test(error.code)) return undefined;
    throw error;
  }
}

/** Removes something; that it is gone already is no error. */
export async function ignoreNotFound(remove: () => Promise<unknown>): Promise<void> {
  await undefinedIfNotFound(remove);
}

/** IAM answers documents URL-encoded. */
export function decoded(document: string | undefined): string {
  return decodeURIComponent(document ?? '');
}

/** Brings the tags of a resource from what they were to what they shall be. */
export async function syncTags(
  prior: Values,
  planned: Values,
  change: { add: (tags: { Key: string; Value: string }[]) => Promise<unknown>; remove: (keys: string[]) => Promise<unknown> },
): Promise<void> {
  const [before, after] = [tagsOf(prior), tagsOf(planned)];
  if (isDeepStrictEqual(before, after)) return;
  const removed = Object.keys(before).filter((key) => !(key in after));
  const added = Object.entries(after).filter(([key, value]) => before[key] !== value);
  if (removed.length > 0) await change.remove(removed);
  if (added.length > 0) await change.add(added.map(([Key, Value]) => ({ Key, Value })));
}
