import { checkPolicy } from '../stored-policy';
import type { Entity } from './entities';
import { missing } from './refusals';

/** Puts an inline policy on a user, group or role. */
export function putInline(entity: Entity, name: string, text: string): void {
  entity.inline.set(name, { text, policy: checkPolicy(`${entity.name}/${name}`, text, 'identity') });
}

/** The text of an inline policy, URL-encoded as IAM answers it. */
export function inlineText(entity: Entity, name: string): string {
  const document = entity.inline.get(name);
  return encodeURIComponent(document?.text ?? missing('policy', name));
}

/** Takes an inline policy away. */
export function deleteInline(entity: Entity, name: string): void {
  if (!entity.inline.delete(name)) missing('policy', name);
}
