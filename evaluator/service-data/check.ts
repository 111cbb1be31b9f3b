import { matchesGlob } from '../glob';
import { memoize } from '../memoize';
import { splitVariables } from '../pattern';
import { many, type StatementDocument } from '../policy/document';
import { readResource } from '../policy/resources';
import { isUnknown } from '../unknown';
import { globsOverlap } from './globs';
import { GLOBAL_KEYS, serviceData } from './service-data';

/** Something in a statement that AWS accepts, but that cannot do what it seems to say. */
export interface Mistake {
  /** Path in the statement, e.g. `Condition.StringEquals`. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Holds a statement against AWS's service authorization reference: actions and condition keys that do not exist, and
 * resources on which none of the actions can act. AWS stores and evaluates such a statement; it never does what it seems to.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function findMistakes(statement: StatementDocument): readonly Mistake[] {
  const member = statement.Action === undefined ? 'NotAction' : 'Action';
  const mistakes: Mistake[] = [];
  const add = (path: string, reason: string | undefined) => reason !== undefined && mistakes.push({ path, reason });
  for (const pattern of many(statement[member])) add(member, actionMistake(pattern));
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const key of Object.keys(keys)) add(`Condition.${operator}`, hasConditionKey(key) ? undefined : `there is no condition key ${key}`);
  }
  if (statement.Action === undefined) return mistakes;
  const templates = resourceTemplates(many(statement.Action));
  for (const resource of many(statement.Resource)) add('Resource', resourceMistake(resource, templates));
  return mistakes;
}

/** What is wrong with an action, or a pattern of actions: `undefined` when AWS has it, or one that the pattern matches. */
export const actionMistake = memoize((pattern: string): string | undefined => {
  if (pattern === '*') return undefined;
  const [service = '', name = ''] = pattern.split(':');
  const data = serviceData(service);
  if (!data) return `${pattern}: there is no service ${service}`;
  const wanted = name.toLowerCase();
  const exists = /[*?]/.test(name) ? [...data.actions.keys()].some((action) => globsOverlap(wanted, action)) : data.actions.has(wanted);
  return exists ? undefined : `${pattern}: ${service} has no such action`;
});

const hasConditionKey = memoize((key: string): boolean => {
  const wanted = key.toLowerCase();
  if (GLOBAL_KEYS.some((template) => matchesGlob(template, wanted))) return true;
  const [prefix = ''] = wanted.split(':');
  // Identity providers name keys after their host; nobody lists those.
  if (prefix.includes('.')) return true;
  if (prefix === 'aws' && /^aws:(requesttag|resourcetag|principaltag)\/.+/.test(wanted)) return true;
  // STS lists those of SAML providers.
  return serviceData(prefix === 'saml' ? 'sts' : prefix)?.conditionKeys.some((template) => matchesGlob(template, wanted)) ?? false;
});

/** ARN templates of what the actions act upon; `undefined` when that may be anything, or when none of the actions exists. */
function resourceTemplates(actions: readonly string[]): readonly string[] | undefined {
  if (actions.includes('*')) return undefined;
  const templates = new Set(actions.flatMap(templatesOfAction));
  return templates.size === 0 && !actions.some((pattern) => actionMistake(pattern) === undefined) ? undefined : [...templates];
}

/** What the actions act upon that a pattern matches; `*` where the data does not tell. */
const templatesOfAction = memoize((pattern: string): readonly string[] => {
  const [service = '', name = ''] = pattern.toLowerCase().split(':');
  const data = serviceData(service);
  if (!data) return [];
  const matching = [...data.actions].filter(([action]) => globsOverlap(name, action)).map(([, action]) => action);
  return [...new Set(matching.flatMap((action) => action.resourceTypes.map((type) => data.resourceTypes.get(type.name.toLowerCase()) ?? '*')))];
});

/**
 * Whether an action can act on a resource that a pattern matches, as far as the data tell; an action that they do not know may.
 *
 * @param action `service:Operation`
 * @param resource as in a Resource element
 */
export const canActOn = (action: string, resource: string): boolean => resource === '*' || resourceMistake(resource, resourceTemplates([action])) === undefined;

/** Each resource must be one that some of the actions can act upon. */
function resourceMistake(resource: string, templates: readonly string[] | undefined): string | undefined {
  if (templates === undefined || resource === '*' || isUnknown(resource)) return undefined;
  const pattern = splitVariables(readResource(resource, true) ?? resource)
    .map(({ text, isVariable }) => (isVariable ? '*' : text))
    .join('');
  return templates.some((template) => globsOverlap(template, pattern)) ? undefined : `${resource}: none of the actions acts on such a resource`;
}
