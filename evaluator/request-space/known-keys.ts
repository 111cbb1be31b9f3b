import type { Principal } from '../index';
import { valueOfPrincipal } from './key-table';

/**
 * What is known of a condition key before anything is chosen: its value, `null` for absent, `undefined` when the key is free.
 *
 * @param key lower-case
 */
export type KnownKeys = (key: string, principal: Principal) => string | null | undefined;

/**
 * What follows from the principal, and what is told besides, such as the tags of a role or of a resource.
 *
 * @param told values by lower-case key; a key that ends in `*` tells of all keys that begin so and are not listed themselves
 */
export function knownKeys(told: ReadonlyMap<string, string | null>): KnownKeys {
  const groups = [...told].filter(([key]) => key.endsWith('*')).map(([key, value]) => [key.slice(0, -1), value] as const);
  return (key, principal) => {
    const own = valueOfPrincipal(key, principal);
    if (own !== undefined) return own;
    if (told.has(key)) return told.get(key);
    return groups.find(([start]) => key.startsWith(start))?.[1];
  };
}

/** What follows from the principal alone. */
export const KEYS_OF_PRINCIPAL: KnownKeys = (key, principal) => valueOfPrincipal(key, principal);
