import { ServiceError } from '../../account/errors';
import type { Tags } from '../../account/tags';
import { tagsOf } from '../resource-type';
import type { Values } from '../values';

const NOT_FOUND = /^(NoSuchEntity|NotFoundException|ResourceNotFoundException|QueueDoesNotExist|PolicyNotFoundException)$/;

/** The result of a call; `undefined` when the service does not know the resource any more. @throws whatever else the call throws */
export async function undefinedIfNotFound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ServiceError && NOT_FOUND.test(error.code)) return undefined;
    throw error;
  }
}

/** Deletes something; that it is gone already is no error. @throws whatever else the call throws */
export async function ignoreNotFound(remove: () => Promise<unknown>): Promise<void> {
  await undefinedIfNotFound(remove);
}

/**
 * A policy document of IAM's answers, which are URL-encoded (RFC 3986).
 *
 * Source: docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
 *
 * @throws URIError when it is not
 */
export function decoded(document: string | undefined): string {
  return decodeURIComponent(document ?? '');
}

/**
 * Brings the tags of a resource from what they were to what they shall be.
 *
 * @param change `add`: sets these tags; `remove`: removes the tags of these keys; neither is called for nothing
 */
export async function syncTags(
  prior: Values,
  planned: Values,
  change: { add: (tags: Tags) => Promise<unknown>; remove: (keys: string[]) => Promise<unknown> },
): Promise<void> {
  const [before, after] = [tagsOf(prior), tagsOf(planned)];
  const removed = Object.keys(before).filter((key) => !(key in after));
  const added = Object.entries(after).filter(([key, value]) => before[key] !== value);
  if (removed.length > 0) await change.remove(removed);
  if (added.length > 0) await change.add(Object.fromEntries(added));
}
