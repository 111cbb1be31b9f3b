import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { accessRequest, evaluate, parsePrincipal } from '../index';
import { DATA, serviceData } from '../service-data/service-data';

const NAMES = z.record(z.string(), z.string());
const KEY_TYPES = z.record(z.string(), z.object({ key: z.string(), type: z.string() }));

let names: readonly string[] | undefined;

/** Prefixes of all services, those first whose actions need no policy of the resource acted upon. */
export function serviceNames(): readonly string[] {
  if (names === undefined) {
    const all = Object.keys(NAMES.parse(JSON.parse(readFileSync(path.join(DATA, 'serviceNames.json'), 'utf8'))));
    // Keys and roles always need a policy of their own: where any service serves as an example, they serve last.
    const late = ['kms', 'sts'];
    names = [...all.filter((name) => !late.includes(name)), ...late];
  }
  return names;
}

/** An action as the service data know it. */
export interface CatalogAction {
  /** `service:Name`. */
  readonly name: string;
  /** ARN templates of the resource types that it acts upon, with `*` for each variable part; empty when it takes `*` alone. */
  readonly templates: readonly string[];
  /** Templates of each resource type without which AWS refuses the action. */
  readonly required: readonly (readonly string[])[];
  /** Whether everybody may do it whom no policy denies it. */
  readonly needsNoAllow: boolean;
}

const anybody = parsePrincipal('arn:aws:iam::111122223333:user/x');

/** Whether the evaluator allows an action to somebody without any policy. */
const needsNoAllow = (action: string) => anybody !== undefined && evaluate(accessRequest(anybody, action, '*'), { identity: [] }).outcome === 'allowed';

const actions = new Map<string, readonly CatalogAction[]>();

/** The actions of a service; none for a service that the data do not know. */
export function actionsOf(service: string): readonly CatalogAction[] {
  let list = actions.get(service);
  if (list === undefined) {
    const data = serviceData(service);
    // A type without an ARN in the data may be any resource.
    // Some have two ARNs, written as one text.
    const templatesOf = (type: string) => (data?.resourceTypes.get(type.toLowerCase()) ?? 'arn:*').split(/,\s*/);
    list = [...(data?.actions.values() ?? [])].map(({ name, resourceTypes }) => ({
      name: `${service}:${name}`,
      needsNoAllow: needsNoAllow(`${service}:${name}`),
      templates: [...new Set(resourceTypes.flatMap((type) => templatesOf(type.name)))],
      required: resourceTypes.filter(({ required }) => required).map((type) => templatesOf(type.name)),
    }));
    actions.set(service, list);
  }
  return list;
}

/**
 * Global condition keys that hold several values.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const GLOBAL_LISTS = [
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:tagkeys',
  'aws:vpceorgpaths',
];

const types = new Map<string, ReadonlyMap<string, string>>();

/**
 * Whether a condition key may hold several values; `undefined` when the data do not tell.
 *
 * @param key lower-case
 */
export function isList(key: string): boolean | undefined {
  if (GLOBAL_LISTS.includes(key)) return true;
  const [service = ''] = key.split(':');
  if (service === 'aws') return false;
  const table = keyTypes(service);
  const type = table.get(key) ?? [...table].find(([start]) => /[:/]$/.test(start) && key.startsWith(start))?.[1];
  return type === undefined ? undefined : type.startsWith('ArrayOf');
}

/** Types by key; a key with a variable part stands up to that part. */
function keyTypes(service: string): ReadonlyMap<string, string> {
  let table = types.get(service);
  if (table === undefined) {
    table = new Map();
    if (serviceData(service)) {
      const read = KEY_TYPES.parse(JSON.parse(readFileSync(path.join(DATA, 'conditionKeys', `${service}.json`), 'utf8')));
      table = new Map(Object.values(read).map(({ key, type }) => [key.toLowerCase().replace(/\$\{.*$/, ''), type]));
    }
    types.set(service, table);
  }
  return table;
}
