import { type AccessRequest, accountOf, type Decision, type Principal } from '../index';
import type { ActionClass } from './action-classes';
import { usualArn } from './arn-shapes';
import { type Cell, cellOf, cellValues, isShared, type LeftStatement, leftStatements, RESOURCE_ACCOUNT, type Situation } from './cell';
import type { Collector } from './collector';
import type { VariableValue } from './condition-patterns';
import { regionsOf } from './condition-regions';
import { domainsOf, type KeyDomain } from './key-domain';
import { presenceOf } from './key-table';
import type { KnownKeys } from './known-keys';
import type { Assignment } from './policy-variables';
import type { ResourceClasses } from './resource-classes';
import { type Budget, type Difference, type SearchTask, search } from './search';
import { type KeyTest, literalTest, mayName, type StatementReading } from './statement-reading';
import { STATE_LIMIT } from './text-classes';
import { contextOf } from './witness';

/** What all cells of one comparison share. */
export interface CellTask {
  readonly statements: readonly StatementReading[];
  /** Statements for each of which a request of its own is wanted. */
  readonly causes: ReadonlySet<StatementReading>;
  readonly budget: Budget;
  readonly collected: Collector;
  /** Whether condition keys are there exactly where AWS documents them. */
  readonly asDocumented: boolean;
  /** What each side knows of condition keys. */
  readonly known: readonly [KnownKeys, KnownKeys];
  /** Classes of resources of a kind. @param account one whose resources are to be told from those of others */
  resources(
    statements: readonly StatementReading[],
    template: string | undefined,
    variableValue: VariableValue,
    limit: number,
    account: string | undefined,
  ): ResourceClasses;
  /** The accounts that a resource can belong to, as far as it makes a difference. @param compared accounts that statements tell apart */
  accounts(principal: Principal, resource: string, compared: readonly string[]): readonly (string | undefined)[];
  /** The situations in which requests differ; none where they cannot. */
  situations(principal: Principal, action: string, resourceAccount: string | undefined): readonly Situation[];
  /** Whether what a statement allows depends on whether caller and resource are of one account. */
  readonly tellsAccounts: boolean;
}

/** How many nodes are looked at for what one more statement brings about: the relation is known by then. */
const STATEMENT_NODES = 400;

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
    const named = actionClass.statements.filter((statement) => mayName(statement, principal));
    const variableValue: VariableValue = (key) => assignment.get(key) ?? undefined;
    const account = this.task.tellsAccounts ? principal.account : undefined;
    const { classes, incomplete } = this.task.resources(named, actionClass.template, variableValue, this.stateLimit, account);
    if (incomplete) {
      this.task.collected.addUndetermined(`${namesOf(named)}: ${incomplete}`);
      this.incomplete += 1;
    }
    for (const { resource: text, includes } of classes) {
      const resource = usualArn(text, includes, principal.account);
      for (const resourceAccount of this.task.accounts(principal, resource, this.comparedAccounts(principal, variableValue))) {
        const cell = cellOf(principal, assignment, actionClass, resource, resourceAccount, this.task.known);
        for (const situation of this.task.situations(principal, actionClass.actions[0] ?? '', resourceAccount ?? accountOf(resource))) {
          if (!this.task.collected.isDone) this.searchCell(cell, named, situation);
        }
      }
    }
  }

  /** Where patterns have often been too many, little more is spent on others. */
  private get stateLimit(): number {
    return this.incomplete < 3 ? STATE_LIMIT : STATE_LIMIT / 40;
  }

  private comparedAccounts({ account }: Principal, variableValue: VariableValue): readonly string[] {
    const tests = this.task.statements.flatMap((statement) => statement.tests.filter(({ key }) => key === RESOURCE_ACCOUNT));
    if (tests.length === 0) return [];
    const own = account === undefined ? [] : [literalTest(RESOURCE_ACCOUNT, account)];
    return regionsOf(RESOURCE_ACCOUNT, [...tests, ...own], variableValue).values;
  }

  private searchCell(cell: Cell, named: readonly StatementReading[], situation: Situation): void {
    const { collected } = this.task;
    const { actions } = cell.actionClass;
    const left = leftStatements(cell, named);
    if (situation.isAlike && isShared(left, cell.principal)) return;
    const id = JSON.stringify([left.map(({ statement: { uid }, isOpen }) => [uid, isOpen]), cellValues(cell, left), situation.environment]);
    const known = this.seen.get(id);
    if (known) for (const group of known) collected.extend(group, actions, cell.resource);
    else this.seen.set(id, this.split(cell, left, situation));
  }

  /** Splits the condition keys of a cell. @returns the groups of what was found */
  private split(cell: Cell, left: readonly LeftStatement[], { sets, environment }: Situation): readonly string[] {
    const { budget, collected } = this.task;
    const { principal, requests, given, ownAccount, resource } = cell;
    const all = left.map(({ statement }) => statement);
    const open = left.filter(({ isOpen }) => isOpen).map(({ statement }) => statement);
    const names = namesOf(all);
    const domains = this.domains(open, cell);
    const task: SearchTask = {
      asDocumented: this.task.asDocumented,
      requests,
      sets,
      domains,
      keysOf: this.keysOf,
      wanted: [collected.wants(0), collected.wants(1)],
    };
    const result = search(task, budget);
    for (const { reason, statements } of result.undetermined) collected.addUndetermined(`${statements.join(', ') || names}: ${reason}`);
    for (const { incomplete } of domains) if (incomplete && result.differences.length < 2) collected.addUndetermined(`${names}: ${incomplete}`);
    const differences = collected.relationOnly ? result.differences : [...result.differences, ...this.byStatement(task, result.differences, all)];
    return differences.map(({ side, chosen, decisions }) => {
      const context = contextOf(principal, ownAccount, new Map([...given[side], ...chosen]));
      const witness = { principal: principal.arn, action: requests[0].action, resource, context, environment };
      return collected.add(side, decisions, cell.actionClass.actions, witness);
    });
  }

  /** Differences that other statements bring about than those of the first ones found: one for each of them. */
  private byStatement(task: SearchTask, first: readonly Difference[], left: readonly StatementReading[]): readonly Difference[] {
    const more: Difference[] = [];
    for (const side of new Set(first.map((difference) => difference.side))) {
      for (const reading of left) {
        const { side: own, policy, id, effect, compiled } = reading;
        const isCause = this.task.causes.has(reading) && (effect === 'Allow' ? own === side : own !== side);
        const isKnown = [...first, ...more].some((difference) => difference.side === side && names(difference.decisions[own], policy, id));
        if (!isCause || isKnown) continue;
        const required = { side: own, policy, statement: id, matches: (request: AccessRequest) => compiled.matches(request) };
        more.push(...search({ ...task, wanted: [side === 0, side === 1], required }, { nodes: STATEMENT_NODES }).differences);
      }
    }
    return more;
  }

  private readonly keysOf = (policy: string, id: string): readonly string[] =>
    this.task.statements
      .filter((statement) => statement.policy === policy && statement.id === id)
      .flatMap(({ tests, variables }) => [...tests.map(({ key }) => key), ...variables]);

  private domains(statements: readonly StatementReading[], { principal, assignment, isFixed, actionClass }: Cell): readonly KeyDomain[] {
    const tests = new Map<string, KeyTest[]>();
    for (const test of statements.flatMap((statement) => statement.tests)) {
      if (!isFixed(test.key)) tests.set(test.key, [...(tests.get(test.key) ?? []), test]);
    }
    const presence = (key: string) => (actionClass.absentKeys.includes(key) ? 'never' : presenceOf(key, principal));
    return domainsOf(tests, presence, (key) => assignment.get(key) ?? undefined);
  }
}

const namesOf = (statements: readonly StatementReading[]) => statements.map(({ id, policy }) => `${id} of the ${policy}`).join(', ');

const names = (decision: Decision, policy: string, statement: string) =>
  decision.statements.some((deciding) => deciding.policy === policy && deciding.statement === statement);
