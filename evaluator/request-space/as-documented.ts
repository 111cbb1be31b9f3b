import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { matchesGlob } from '../glob';
import { globsOverlap } from '../service-data/globs';
import { DATA, keyTemplate, serviceData } from '../service-data/service-data';
import type { Documented } from './action-classes';
import { patternText } from './action-templates';
import type { CatalogAction } from './service-catalog';
import type { StatementReading } from './statement-reading';

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

/** What the service authorization reference says of the requests of an action. */
export const AS_DOCUMENTED: Documented = { absentKeys, canActOn };

/**
 * Keys of a service that AWS supplies for some of its actions, and not for this one. A key that it lists for no action, such
 * as `lambda:SourceFunctionArn`, comes with the credentials, and may be anywhere.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
function absentKeys(action: string, keys: readonly string[]): readonly string[] {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  const own = listedKeys(service).get(name);
  if (own === undefined) return [];
  return keys.filter((key) => {
    const [owner = ''] = key.split(':');
    if (owner === 'aws' || serviceData(owner) === undefined || isListed(own, key)) return false;
    return [...listedKeys(owner).values()].some((patterns) => isListed(patterns, key));
  });
}

/**
 * A call that takes several resources needs an Allow on each that is required: where no statement can allow it on one of
 * those, being allowed on another does not matter.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
function canActOn({ name, required }: CatalogAction, template: string | undefined, statements: readonly StatementReading[]): boolean {
  if (template === undefined || required.some((templates) => templates.includes(template))) return true;
  return required.every((templates) => statements.some((statement) => mayAllow(statement, name.toLowerCase(), templates)));
}

function mayAllow({ effect, actions, byNotAction, resources, byNotResource }: StatementReading, action: string, templates: readonly string[]): boolean {
  if (effect !== 'Allow' || actions.some((pattern) => globsOverlap(pattern, action)) === byNotAction) return false;
  if (byNotResource || resources.length === 0) return true;
  return resources.some((pieces) => templates.some((template) => globsOverlap(template, patternText(pieces))));
}
