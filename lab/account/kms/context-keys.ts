import type { EncryptionContext } from './cipher';

/** The condition keys that an encryption context supplies. */
export function contextKeys(context: EncryptionContext): Record<string, string | string[]> {
  return {
    ...Object.fromEntries(Object.entries(context).map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
    'kms:EncryptionContextKeys': Object.keys(context),
  };
}
