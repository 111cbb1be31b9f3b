import { globsOverlap } from '../service-data/globs';
import { actionsOf, serviceNames } from './service-catalog';
import type { StatementReading } from './statement-reading';

/** The services that patterns name. One whose service is a pattern itself names all that it matches. */
export function namedServices(statements: readonly StatementReading[]): readonly string[] {
  const prefixes = new Set(statements.flatMap(({ actions }) => actions.filter((pattern) => pattern !== '*').map(serviceOf)));
  return [...new Set([...prefixes].flatMap((prefix) => (isPattern(prefix) ? serviceNames().filter((name) => globsOverlap(prefix, name)) : [prefix])))];
}

/** The service of an action, or of a pattern of actions. */
export const serviceOf = (action: string) => action.split(':')[0] ?? '';

const matched = new Map<string, readonly boolean[]>();
const MATCHED_LIMIT = 20_000;

/** For each action of a service, whether a statement's Action or NotAction element matches. */
export function matchingActions(statement: StatementReading, service: string): readonly boolean[] {
  const columns = patternsFor(statement, service).map((pattern) => matchingPattern(pattern, service));
  return actionsOf(service).map((_, index) => columns.some((column) => column[index]) !== statement.byNotAction);
}

/** The patterns of a statement by the service that they name; under the empty name those whose service is a pattern itself. */
const patternsByService = new WeakMap<StatementReading, ReadonlyMap<string, readonly string[]>>();

/** The patterns of a statement that may match actions of a service. Policies of AWS have thousands of patterns, of hundreds of services. */
function patternsFor(statement: StatementReading, service: string): readonly string[] {
  let index = patternsByService.get(statement);
  if (index === undefined) {
    const lists = new Map<string, string[]>();
    for (const pattern of statement.actions) {
      const name = isPattern(serviceOf(pattern)) ? '' : serviceOf(pattern);
      lists.set(name, [...(lists.get(name) ?? []), pattern]);
    }
    index = lists;
    patternsByService.set(statement, index);
  }
  const open = (index.get('') ?? []).filter((pattern) => pattern === '*' || globsOverlap(serviceOf(pattern), service));
  return [...open, ...(index.get(service) ?? [])];
}

const isPattern = (text: string) => /[*?]/.test(text);

function matchingPattern(pattern: string, service: string): readonly boolean[] {
  const id = `${service} ${pattern}`;
  let column = matched.get(id);
  if (column === undefined) {
    if (matched.size > MATCHED_LIMIT) matched.clear();
    column = actionsOf(service).map(({ name }) => globsOverlap(pattern, name.toLowerCase()));
    matched.set(id, column);
  }
  return column;
}

/**
 * An action for each pattern that matches none of the known ones.
 *
 * @param acting services to which the actions are limited; an unknown service may act on anything
 */
export function unknownActions(statements: readonly StatementReading[], acting: ReadonlySet<string> | undefined): readonly string[] {
  const patterns = new Set(statements.flatMap(({ actions }) => actions.filter((pattern) => pattern !== '*')));
  const names = new Set(serviceNames());
  const isUnknown = (pattern: string) => {
    const service = serviceOf(pattern);
    if (isPattern(service)) return !serviceNames().some((name) => globsOverlap(service, name) && matchingPattern(pattern, name).includes(true));
    if (!names.has(service)) return true;
    return (acting?.has(service) ?? true) && !matchingPattern(pattern, service).includes(true);
  };
  return [...patterns].filter(isUnknown).map((pattern) => pattern.replaceAll('*', '').replaceAll('?', 'x'));
}
