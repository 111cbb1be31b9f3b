import { type AccessRequest, accessRequest, accountOf, type Decision, type Policy, type Principal, UNKNOWN } from '../index';
import type { ActionClass } from './action-classes';
import { usualArn } from './arn-shapes';
import type { Collector } from './collector';
import type { VariableValue } from './condition-patterns';
import { regionsOf } from './condition-regions';
import { type DocumentKind, type Environment, environmentsOf, policySet, resourceAccounts } from './environment';
import { domainsOf, type KeyDomain } from './key-domain';
import { valueOfPrincipal } from './key-table';
import { variableKeys } from './pattern-pieces';
import type { Assignment } from './policy-variables';
import { resourceClasses } from './resource-classes';
import { type Budget, type Difference, type SearchTask, search } from './search';
import { type KeyTest, literalTest, type StatementReading } from './statement-reading';
import { STATE_LIMIT } from './text-classes';
import { contextOf } from './witness';

/** What all cells of one comparison share. */
export interface CellTask {
  readonly kind: DocumentKind;
  readonly policies: readonly [Policy, Policy];
  readonly statements: readonly StatementReading[];
  readonly budget: Budget;
  readonly collected: Collector;
}

interface Cell {
  readonly principal: Principal;
  readonly assignment: Assignment;
  readonly actionClass: ActionClass;
  readonly resource: string;
  /** The account of a resource whose ARN does not tell it. */
  readonly ownAccount: string | undefined;
  /** Values of policy variables that the request does not have of itself. */
  readonly given: ReadonlyMap<string, readonly string[] | null>;
  /** The request, its condition keys as far as they follow from the rest. */
  readonly request: AccessRequest;
  /** Whether a key's value, or its absence, is known in this cell. */
  readonly isFixed: (key: string) => boolean;
}

/** A statement that may apply in a cell; open when that depends on condition keys. */
interface LeftStatement {
  readonly statement: StatementReading;
  readonly isOpen: boolean;
}

/** How many nodes are looked at for what one more statement brings about: the relation is known by then. */
const STATEMENT_NODES = 400;
/** Keys whose values follow from the resource, where its ARN tells them. */
const RESOURCE_ACCOUNT = 'aws:resourceaccount';
const REGION = 'aws:requestedregion';

/**
 * Searches cells: one class of principal, one assignment to the policy variables, one class of actions. Cells in which the
 * same statements are left, with the same conditions, have the same answer and are searched once.
 */
export class CellSearch {
  /** The groups that were found for statements that are left. */
  private readonly seen = new Map<string, readonly string[]>();
  /** In how many cells resources were left out. */
  private incomplete = 0;

  constructor(private readonly task: CellTask) {}

  search(principal: Principal, assignment: Assignment, actionClass: ActionClass): void {
    const named = actionClass.statements.filter((statement) => this.mayName(statement, principal));
    if (!named.some(({ effect }) => effect === 'Allow')) return;
    const variableValue: VariableValue = (key) => assignment.get(key) ?? undefined;
    const { classes, incomplete } = resourceClasses(
      named,
      actionClass.template,
      variableValue,
      this.stateLimit,
      this.tellsAccounts ? principal.account : undefined,
    );
    if (incomplete) {
      this.task.collected.addUndetermined(`${this.namesOf(named)}: ${incomplete}`);
      this.incomplete += 1;
    }
    for (const { resource: text, includes } of classes) {
      const resource = usualArn(text, includes, principal.account);
      for (const resourceAccount of resourceAccounts(this.task.kind, principal, resource, this.comparedAccounts(principal, variableValue))) {
        const cell = cellOf(principal, assignment, actionClass, resource, resourceAccount);
        for (const environment of environmentsOf(this.task.kind, principal, actionClass.actions[0] ?? '', resourceAccount ?? accountOf(resource))) {
          if (!this.task.collected.isDone) this.searchCell(cell, named, environment);
        }
      }
    }
  }

  /** Where patterns have often been too many, little more is spent on others. */
  private get stateLimit(): number {
    return this.incomplete < 3 ? STATE_LIMIT : STATE_LIMIT / 40;
  }

  private namesOf(statements: readonly StatementReading[]): string {
    return statements.map(({ id, side }) => `${id} of the ${this.task.policies[side].name}`).join(', ');
  }

  /** Whether the statement may name the principal. */
  private mayName({ side, index }: StatementReading, principal: Principal): boolean {
    const statement = this.task.policies[side].statements[index];
    return this.task.kind === 'identity' || statement?.principal?.(principal).matched !== false;
  }

  /** What a policy of a resource allows to a caller depends on whether both are of one account. */
  private get tellsAccounts(): boolean {
    return this.task.kind !== 'identity';
  }

  private comparedAccounts({ account }: Principal, variableValue: VariableValue): readonly string[] {
    const tests = this.task.statements.flatMap((statement) => statement.tests.filter(({ key }) => key === RESOURCE_ACCOUNT));
    if (tests.length === 0) return [];
    const own = account === undefined ? [] : [literalTest(RESOURCE_ACCOUNT, account)];
    return regionsOf(RESOURCE_ACCOUNT, [...tests, ...own], variableValue).values;
  }

  private searchCell(cell: Cell, named: readonly StatementReading[], environment: Environment): void {
    const { collected } = this.task;
    const { actions } = cell.actionClass;
    const left = this.leftStatements(cell, named);
    if (this.isShared(left, cell.principal)) return;
    const id = JSON.stringify([left.map(({ statement: { side, index }, isOpen }) => [side, index, isOpen]), cellValues(cell, left), environment]);
    const known = this.seen.get(id);
    if (known) for (const group of known) collected.addActions(group, actions);
    else this.seen.set(id, this.split(cell, left, environment));
  }

  /** The statements that may apply, whatever the condition keys are that do not follow from the cell. */
  private leftStatements({ request, isFixed }: Cell, named: readonly StatementReading[]): readonly LeftStatement[] {
    return named.flatMap((statement) => {
      const context = new Map(request.context);
      for (const { key } of statement.tests) if (!isFixed(key)) context.set(key, [UNKNOWN]);
      const presence = statement.tests.filter(({ family, key }) => family === 'presence' && !isFixed(key));
      for (const { key, values } of presence) if (/^true$/i.test(values[0] ?? '')) context.delete(key);
      const match = this.task.policies[statement.side].statements[statement.index]?.matches({ ...request, context });
      return match === false ? [] : [{ statement, isOpen: match !== true || presence.length > 0 }];
    });
  }

  /** Whether both policies are left with the same: statements of one effect that name the principal alike under the same conditions. */
  private isShared(left: readonly LeftStatement[], principal: Principal): boolean {
    const sides = [new Set<string>(), new Set<string>()] as const;
    for (const { statement, isOpen } of left) {
      const { side, index, effect, conditions } = statement;
      const naming = this.task.policies[side].statements[index]?.principal?.(principal);
      sides[side].add(JSON.stringify([effect, naming, isOpen ? conditions : '']));
    }
    return sides[0].size === sides[1].size && [...sides[0]].every((statement) => sides[1].has(statement));
  }

  /** Splits the condition keys of a cell. @returns the groups of what was found */
  private split(cell: Cell, left: readonly LeftStatement[], environment: Environment): readonly string[] {
    const { kind, policies, budget, collected } = this.task;
    const { principal, request, given, ownAccount, resource } = cell;
    const open = left.filter(({ isOpen }) => isOpen).map(({ statement }) => statement);
    const names = this.namesOf(left.map(({ statement }) => statement));
    const domains = this.domains(open, cell);
    const sets = [policySet(kind, policies[0], environment), policySet(kind, policies[1], environment)] as const;
    const task: SearchTask = { request, sets, domains, keysOf: this.keysOf, wanted: [collected.wants(0), collected.wants(1)] };
    const result = search(task, budget);
    for (const { reason, statements } of result.undetermined) collected.addUndetermined(`${statements.join(', ') || names}: ${reason}`);
    for (const { incomplete } of domains) if (incomplete && result.differences.length < 2) collected.addUndetermined(`${names}: ${incomplete}`);
    const differences = collected.relationOnly
      ? result.differences
      : [
          ...result.differences,
          ...this.byStatement(
            task,
            result.differences,
            left.map(({ statement }) => statement),
          ),
        ];
    return differences.map(({ side, chosen, decisions }) => {
      const context = contextOf(principal, ownAccount, new Map([...given, ...chosen]));
      const witness = { principal: principal.arn, action: request.action, resource, context, environment };
      return collected.add(side, decisions, cell.actionClass.actions, witness);
    });
  }

  /** Differences that other statements bring about than those of the first ones found: one for each of them. */
  private byStatement(task: SearchTask, first: readonly Difference[], left: readonly StatementReading[]): readonly Difference[] {
    const more: Difference[] = [];
    for (const side of new Set(first.map((difference) => difference.side))) {
      for (const { side: own, index, id, effect } of left) {
        const policy = this.task.policies[own];
        const isCause = effect === 'Allow' ? own === side : own !== side;
        const isKnown = [...first, ...more].some((difference) => difference.side === side && this.names(difference.decisions, policy.name, id));
        const statement = policy.statements[index];
        if (!isCause || isKnown || statement === undefined) continue;
        const required = { policy: policy.name, statement: id, matches: (request: AccessRequest) => statement.matches(request) };
        more.push(...search({ ...task, wanted: [side === 0, side === 1], required }, { nodes: STATEMENT_NODES }).differences);
      }
    }
    return more;
  }

  private names(decisions: readonly Decision[], policy: string, statement: string): boolean {
    return decisions.some((decision) => decision.statements.some((deciding) => deciding.policy === policy && deciding.statement === statement));
  }

  private readonly keysOf = (policy: string, id: string): readonly string[] => {
    const side = this.task.policies.findIndex(({ name }) => name === policy);
    const statement = this.task.statements.find((reading) => reading.side === side && reading.id === id);
    return statement ? [...statement.tests.map(({ key }) => key), ...statement.variables] : [];
  };

  private domains(statements: readonly StatementReading[], { principal, assignment, isFixed }: Cell): readonly KeyDomain[] {
    const tests = new Map<string, KeyTest[]>();
    for (const test of statements.flatMap((statement) => statement.tests)) {
      if (!isFixed(test.key)) tests.set(test.key, [...(tests.get(test.key) ?? []), test]);
    }
    return domainsOf(tests, principal, (key) => assignment.get(key) ?? undefined);
  }
}

function cellOf(principal: Principal, assignment: Assignment, actionClass: ActionClass, resource: string, resourceAccount: string | undefined): Cell {
  const given = new Map(
    [...assignment].flatMap(([key, value]) => (valueOfPrincipal(key, principal) !== undefined ? [] : [[key, value === null ? null : [value]] as const])),
  );
  const ownAccount = accountOf(resource) === undefined ? resourceAccount : undefined;
  const request = accessRequest(principal, actionClass.actions[0] ?? '', resource, contextOf(principal, ownAccount, given));
  const ofResource = (key: string) => (key === RESOURCE_ACCOUNT || key === REGION) && request.context.has(key);
  const isFixed = (key: string) => valueOfPrincipal(key, principal) !== undefined || assignment.has(key) || ofResource(key);
  return { principal, assignment, actionClass, resource, ownAccount, given, request, isFixed };
}

/** What may differ between cells in which the same statements are left: whose values are compared. */
function cellValues({ principal, request, isFixed, assignment, resource }: Cell, left: readonly LeftStatement[]): unknown {
  const open = left.filter(({ isOpen }) => isOpen).flatMap(({ statement }) => statement.tests);
  // Where a variable is left open, whether a statement is left does not tell whether its resource matches.
  const isOpenVariable = left.some(({ statement }) => statement.resources.flatMap(variableKeys).some((key) => !isFixed(key) && !assignment.has(key)));
  const keys = new Set(open.flatMap(({ key, pieces }) => [key, ...pieces.flatMap(variableKeys)]).filter(isFixed));
  return [principal.arn, [...keys].map((key) => [key, request.context.get(key) ?? null]), isOpenVariable ? resource : ''];
}
