import { globsOverlap } from '../service-data/globs';
import type { DocumentKind } from './environment';
import { actionsOf, type CatalogAction, serviceNames } from './service-catalog';
import type { StatementReading } from './statement-reading';

/** Actions that no statement tells apart, on resources of one kind. */
export interface ActionClass {
  /** The statements whose action matches. */
  readonly statements: readonly StatementReading[];
  /** Template of the ARNs acted upon; `*` for an action that takes no resource, `undefined` for one that may act upon any. */
  readonly template: string | undefined;
  /** The actions, as far as they are listed: of services that no statement names, one stands for all. */
  readonly actions: readonly string[];
  /** Lower-case condition keys that requests of these actions never have. */
  readonly absentKeys: readonly string[];
}

/** Which requests count. */
export type ResourceRule = 'of the action' | 'any';

/** What limits the actions that count. */
export interface ActionLimits {
  /** What AWS documents of the requests of an action. */
  readonly documented?: Documented;
  /** Only actions that one of these matches count. */
  readonly relevant?: readonly StatementReading[];
  /** ARNs, or patterns of them: only actions of services that act on such resources count. */
  readonly resources?: readonly string[];
}

/** What is known of the requests of an action besides the statements. */
export interface Documented {
  /** Which of the keys, lower-case, they never have. */
  absentKeys(action: string, keys: readonly string[]): readonly string[];
  /** Whether a request can succeed on such a resource, given what the statements allow on the other resources of the same call. */
  canActOn(action: CatalogAction, template: string | undefined, statements: readonly StatementReading[]): boolean;
}

const ANYTHING: Documented = { absentKeys: () => [], canActOn: () => true };

interface Draft {
  readonly statements: readonly StatementReading[];
  readonly template: string | undefined;
  readonly actions: string[];
  readonly absentKeys: readonly string[];
}

/**
 * The actions of every service that any statement can match, grouped by the statements that match them and by the kind of
 * resource that they act upon. An action that a statement names and the service data do not know is a class of its own.
 *
 */
export function actionClasses(
  statements: readonly StatementReading[],
  kind: DocumentKind,
  rule: ResourceRule,
  { documented = ANYTHING, relevant = statements, resources }: ActionLimits = {},
): readonly ActionClass[] {
  const drafts = new Map<string, Draft>();
  const isRelevant = new Set(relevant);
  const keys = [...new Set(statements.flatMap(({ tests }) => tests.map(({ key }) => key)))];
  const add = (action: CatalogAction, matching: readonly boolean[], known = true) => {
    const list = statements.filter((_, index) => matching[index]);
    if (!list.some((statement) => isRelevant.has(statement))) return;
    const absentKeys = known ? documented.absentKeys(action.name, keys) : [];
    for (const template of governedTemplates(kind, action, rule, known)) {
      if (known && !documented.canActOn(action, template, statements)) continue;
      // An action that needs no Allow stands for no other.
      const id = `${matching.map(Number).join('')} ${template} ${action.needsNoAllow} ${absentKeys.join()}`;
      const draft = drafts.get(id);
      if (draft === undefined) drafts.set(id, { statements: list, template, actions: [action.name], absentKeys });
      else draft.actions.push(action.name);
    }
  };
  // What any statement names is told apart where a relevant one matches all actions.
  const isOfAll = relevant.some(({ actions, byNotAction }) => byNotAction || actions.includes('*'));
  const acting = resources && servicesActingOn(resources);
  const services = namedServices(isOfAll ? statements : relevant).filter((service) => acting?.has(service) ?? true);
  for (const service of services) {
    const columns = statements.map((statement) => matchingActions(statement, service));
    for (const [index, action] of actionsOf(service).entries())
      add(
        action,
        columns.map((column) => column[index] === true),
      );
  }
  for (const name of unknownActions(statements, acting)) {
    const matching = statements.map(({ actions, byNotAction }) => actions.some((pattern) => globsOverlap(pattern, name)) !== byNotAction);
    add({ name, templates: [], required: [], needsNoAllow: false }, matching, false);
  }
  // Nothing but `*` and NotAction reaches the actions of the other services, and all of them alike.
  const others = statements.map(({ actions, byNotAction }) => actions.includes('*') !== byNotAction);
  if (isOfAll) for (const action of otherActions(statements, services, rule)) add(action, others);
  return [...drafts.values()];
}

/**
 * Where the policy of a key or of a role is attached: it decides about nothing else.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 */
const ATTACHED_TO: Partial<Record<DocumentKind, string>> = { key: 'arn:*:kms:*:*:key/*', trust: 'arn:*:iam::*:role/*' };

function governedTemplates(kind: DocumentKind, action: CatalogAction, rule: ResourceRule, known: boolean): readonly (string | undefined)[] {
  const own = ATTACHED_TO[kind];
  if (own === undefined) return templatesOf(action, rule, known);
  return !known || rule === 'any' || action.templates.includes(own) ? [own] : [];
}

function templatesOf({ templates }: CatalogAction, rule: ResourceRule, known: boolean): readonly (string | undefined)[] {
  if (rule === 'any' || !known) return [undefined];
  return templates.length === 0 ? ['*'] : templates;
}

/** The services that patterns name. One whose service is a pattern itself names all that it matches. */
function namedServices(statements: readonly StatementReading[]): readonly string[] {
  const prefixes = new Set(statements.flatMap(({ actions }) => actions.filter((pattern) => pattern !== '*').map(serviceOf)));
  return [...new Set([...prefixes].flatMap((prefix) => (isPattern(prefix) ? serviceNames().filter((name) => globsOverlap(prefix, name)) : [prefix])))];
}

const serviceOf = (action: string) => action.split(':')[0] ?? '';

const matched = new Map<string, readonly boolean[]>();
const MATCHED_LIMIT = 20_000;

/** For each action of a service, whether a statement's Action or NotAction element matches. */
function matchingActions(statement: StatementReading, service: string): readonly boolean[] {
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
function unknownActions(statements: readonly StatementReading[], acting: ReadonlySet<string> | undefined): readonly string[] {
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

const acting = new Map<string, ReadonlySet<string>>();

/** The services of which some action acts on such a resource. */
function servicesActingOn(resources: readonly string[]): ReadonlySet<string> {
  const id = resources.join('\n');
  let services = acting.get(id);
  if (services === undefined) {
    if (acting.size > MATCHED_LIMIT) acting.clear();
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
function otherActions(statements: readonly StatementReading[], services: readonly string[], rule: ResourceRule): readonly CatalogAction[] {
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
    if (overlaps.size > MATCHED_LIMIT) overlaps.clear();
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
