import { globsOverlap } from '../service-data/globs';
import type { ResourceRule } from './action-classes';
import { serviceOf } from './action-patterns';
import { actionsOf, type CatalogAction, serviceNames } from './service-catalog';
import type { StatementReading } from './statement-reading';

const KNOWN_LIMIT = 20_000;
const acting = new Map<string, ReadonlySet<string>>();

/** The services of which some action acts on such a resource. */
export function servicesActingOn(resources: readonly string[]): ReadonlySet<string> {
  const id = resources.join('\n');
  let services = acting.get(id);
  if (services === undefined) {
    if (acting.size > KNOWN_LIMIT) acting.clear();
    const templates = [...templateIndex()].filter(([template]) => resources.some((resource) => globsOverlap(template, resource)));
    services = new Set(templates.flatMap(([, actions]) => actions.map(({ name }) => serviceOf(name))));
    acting.set(id, services);
  }
  return services;
}

/**
 * One action of another service for each kind of resource that the patterns of the statements can tell from others, one for
 * all other kinds, and one that takes no resource.
 */
export function otherActions(statements: readonly StatementReading[], services: readonly string[], rule: ResourceRule): readonly CatalogAction[] {
  const isOther = ({ name }: CatalogAction) => !services.includes(serviceOf(name));
  const example = (actions: readonly CatalogAction[] | undefined) => actions?.find(isOther);
  const index = templateIndex();
  if (rule === 'any') return [...index.values()].flatMap((actions) => example(actions) ?? []).slice(0, 1);
  const special = new Set(statements.flatMap(({ resources }) => resources.flatMap((pieces) => overlappingTemplates(patternText(pieces)))));
  const chosen: CatalogAction[] = [];
  let plain: CatalogAction | undefined;
  for (const [template, actions] of index) {
    if (plain && template !== '*' && !special.has(template)) continue;
    const action = example(actions);
    if (action === undefined) continue;
    if (template === '*') chosen.push({ ...action, templates: [] });
    else if (special.has(template)) chosen.push({ ...action, templates: [template] });
    else plain = { ...action, templates: [template] };
  }
  return plain ? [...chosen, plain] : chosen;
}

/** A policy variable may be any text. */
export function patternText(pieces: StatementReading['resources'][number]): string {
  return pieces.map((piece) => ('literal' in piece ? piece.literal : 'wildcard' in piece ? piece.wildcard : '*')).join('');
}

let templates: ReadonlyMap<string, readonly CatalogAction[]> | undefined;

/** For each ARN template of all services, and for `*`, one action of each service that acts upon it. */
function templateIndex(): ReadonlyMap<string, readonly CatalogAction[]> {
  if (templates === undefined) {
    const index = new Map<string, CatalogAction[]>();
    for (const service of serviceNames()) {
      const seen = new Set<string>();
      for (const action of actionsOf(service)) {
        for (const template of action.templates.length === 0 ? ['*'] : action.templates) {
          if (seen.has(template) || action.needsNoAllow) continue;
          seen.add(template);
          index.set(template, [...(index.get(template) ?? []), action]);
        }
      }
    }
    templates = index;
  }
  return templates;
}

const overlaps = new Map<string, readonly string[]>();

/** The templates that a pattern cuts; none for a pattern that all resources match. */
function overlappingTemplates(pattern: string): readonly string[] {
  if (/^\*+$/.test(pattern)) return [];
  let list = overlaps.get(pattern);
  if (list === undefined) {
    if (overlaps.size > KNOWN_LIMIT) overlaps.clear();
    const service = /^arn:[^:*]*:([^:*?]+):/.exec(pattern)?.[1];
    list = [...templateIndex().keys()].filter((template) => isOfService(template, service) && globsOverlap(template, pattern));
    overlaps.set(pattern, list);
  }
  return list;
}

function isOfService(template: string, service: string | undefined): boolean {
  const own = template.split(':')[2] ?? '*';
  return template !== '*' && (service === undefined || own === service || own.includes('*'));
}
