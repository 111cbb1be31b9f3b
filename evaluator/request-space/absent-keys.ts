import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { matchesGlob } from '../glob';
import { DATA, keyTemplate, serviceData } from '../service-data/service-data';
import type { AbsentKeys } from './action-classes';

const LISTED = z.object({ conditionKeys: z.array(z.string()), resourceTypes: z.array(z.object({ conditionKeys: z.array(z.string()) })) });
const ACTIONS = z.record(z.string(), LISTED);

/** For each action of a service, patterns of the condition keys that AWS lists for it. */
const tables = new Map<string, ReadonlyMap<string, readonly string[]>>();

function listedKeys(service: string): ReadonlyMap<string, readonly string[]> {
  let table = tables.get(service);
  if (table === undefined) {
    const read = serviceData(service) ? ACTIONS.parse(JSON.parse(readFileSync(path.join(DATA, 'actions', `${service}.json`), 'utf8'))) : {};
    table = new Map(
      Object.entries(read).map(([name, { conditionKeys, resourceTypes }]) => [
        name,
        [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)].map(keyTemplate),
      ]),
    );
    tables.set(service, table);
  }
  return table;
}

const isListed = (patterns: readonly string[], key: string) => patterns.some((pattern) => matchesGlob(pattern, key));

/**
 * Keys of a service that AWS supplies for some of its actions, and not for this one, by the service authorization reference.
 * A key that it lists for no action, such as `lambda:SourceFunctionArn`, comes with the credentials, and may be anywhere.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const documentedAbsentKeys: AbsentKeys = (action, keys) => {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  const own = listedKeys(service).get(name);
  if (own === undefined) return [];
  return keys.filter((key) => {
    const [owner = ''] = key.split(':');
    if (owner === 'aws' || serviceData(owner) === undefined || isListed(own, key)) return false;
    return [...listedKeys(owner).values()].some((patterns) => isListed(patterns, key));
  });
};
