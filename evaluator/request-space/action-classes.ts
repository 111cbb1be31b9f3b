import { globsOverlap } from '../service-data/globs';
import { matchingActions, namedServices, unknownActions } from './action-patterns';
import { otherActions, servicesActingOn } from './action-templates';
import type { DocumentKind } from './environment';
import { actionsOf, type CatalogAction } from './service-catalog';
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
