import type { Fail } from '../errors';
import { splitVariables } from '../pattern';
import { many, type StatementDocument } from '../policy/document';
import { readResource } from '../policy/resources';
import { isUnknown } from '../unknown';
import { globsOverlap } from './globs';
import { GLOBAL_KEYS, serviceData } from './service-data';

/**
 * Holds a statement against AWS's service authorization reference: actions and condition keys that do not exist, and
 * resources on which none of the actions can act, are errors. A policy with one of them never does what it seems to say.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function checkStatement(statement: StatementDocument, fail: Fail): void {
  const at = statement.Action === undefined ? 'NotAction' : 'Action';
  for (const pattern of many(statement[at])) checkAction(pattern, at, fail);
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const key of Object.keys(keys)) checkKey(key, `Condition.${operator}`, fail);
  }
  if (statement.Action !== undefined && statement.Resource !== undefined) checkResources(many(statement.Action), many(statement.Resource), fail);
}

/** Throws what `fail` makes unless AWS has the action, or one that the pattern matches. */
export function checkAction(pattern: string, at: string, fail: Fail): void {
  if (pattern === '*') return;
  const [service = '', name = ''] = pattern.split(':');
  const data = serviceData(service);
  if (!data) throw fail(at, `${pattern}: there is no service ${service}`);
  const wanted = name.toLowerCase();
  if (!/[*?]/.test(name) ? data.actions.has(wanted) : [...data.actions.keys()].some((action) => globsOverlap(wanted, action))) return;
  throw fail(at, `${pattern}: ${service} has no such action`);
}

function checkKey(key: string, at: string, fail: Fail): void {
  const wanted = key.toLowerCase();
  if (GLOBAL_KEYS.some((template) => globsOverlap(template, wanted))) return;
  const [prefix = ''] = wanted.split(':');
  // Identity providers name keys after their host; nobody lists those.
  if (prefix.includes('.')) return;
  if (prefix === 'aws' && /^aws:(requesttag|resourcetag|principaltag)\/.+/.test(wanted)) return;
  // STS lists those of SAML providers.
  if (serviceData(prefix === 'saml' ? 'sts' : prefix)?.conditionKeys.some((template) => globsOverlap(template, wanted))) return;
  throw fail(at, `there is no condition key ${key}`);
}

/** Each resource must be one that some of the actions can act upon. */
function checkResources(actions: readonly string[], resources: readonly string[], fail: Fail): void {
  if (actions.includes('*')) return;
  const templates = actions.flatMap(templatesOf);
  for (const resource of resources) {
    if (resource === '*' || isUnknown(resource)) continue;
    const pattern = splitVariables(readResource(resource, true) ?? resource)
      .map(({ text, isVariable }) => (isVariable ? '*' : text))
      .join('');
    if (!templates.some((template) => globsOverlap(template, pattern))) throw fail('Resource', `${resource}: none of the actions acts on such a resource`);
  }
}

function templatesOf(pattern: string): string[] {
  const [service = '', name = ''] = pattern.toLowerCase().split(':');
  const data = serviceData(service);
  if (!data) return [];
  const matching = [...data.actions].filter(([action]) => globsOverlap(name, action)).map(([, action]) => action);
  return matching.flatMap((action) => action.resourceTypes.map((type) => data.resourceTypes.get(type.name.toLowerCase()) ?? '*'));
}
