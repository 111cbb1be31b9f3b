import { type AccessRequest, accessRequest, accountOf, type Policy, type Principal, UNKNOWN } from '../index';
import type { ActionClass } from './action-classes';
import { usualArn } from './arn-shapes';
import type { Collector } from './collector';
import type { VariableValue } from './condition-patterns';
import { regionsOf } from './condition-regions';
import { type DocumentKind, type Environment, environmentsOf, otherThan, policySet, resourceAccounts } from './environment';
import { domainsOf, type KeyDomain } from './key-domain';
import { isOfPrincipal } from './key-table';
import type { Assignment } from './policy-variables';
import { resourceClasses } from './resource-classes';
import { type Budget, search } from './search';
import type { KeyTest, StatementReading } from './statement-reading';
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
    const named = actionClass.statements.filter((statement) => this.names(statement, principal));
    if (!named.some(({ effect }) => effect === 'Allow')) return;
    const variableValue: VariableValue = (key) => assignment.get(key) ?? undefined;
    const { classes, incomplete } = resourceClasses(named, actionClass.template, variableValue, this.stateLimit);
    if (incomplete) {
      this.task.collected.addUndetermined(`${this.namesOf(named)}: ${incomplete}`);
      this.incomplete += 1;
    }
    for (const { resource: text, includes } of classes) {
      // The caller's own resource and another account's are not alike: across accounts both policies must allow.
      const resources = new Set(this.owners(principal).map((account) => usualArn(text, includes, account)));
      for (const resource of resources)
        for (const resourceAccount of resourceAccounts(this.task.kind, principal, resource, this.comparedAccounts(variableValue))) {
          const cell = cellOf(principal, assignment, actionClass, resource, resourceAccount);
          for (const environment of environmentsOf(this.task.kind, principal, actionClass.actions[0] ?? '', resourceAccount ?? accountOf(resource))) {
            if (!this.task.collected.isDone) this.searchCell(cell, named, environment);
          }
        }
    }
  }

  /** Whose resources are asked about. A policy of IAM is decided alike for all of them. */
  private owners({ account }: Principal): readonly (string | undefined)[] {
    return this.task.kind === 'identity' ? [account] : [account, otherThan(account)];
  }

  /** Where patterns have often been too many, little more is spent on others. */
  private get stateLimit(): number {
    return this.incomplete < 3 ? STATE_LIMIT : STATE_LIMIT / 40;
  }

  private namesOf(statements: readonly StatementReading[]): string {
    return statements.map(({ id, side }) => `${id} of the ${this.task.policies[side].name}`).join(', ');
  }

  /** Whether the statement may name the principal. */
  private names({ side, index }: StatementReading, principal: Principal): boolean {
    const statement = this.task.policies[side].statements[index];
    return this.task.kind === 'identity' || statement?.principal?.(principal).matched !== false;
  }

  private comparedAccounts(variableValue: VariableValue): readonly string[] {
    const tests = this.task.statements.flatMap((statement) => statement.tests.filter(({ key }) => key === RESOURCE_ACCOUNT));
    if (tests.length === 0) return [];
    // Accounts of one region pass the same tests, but one may be the caller's own and another not.
    const named = tests.flatMap(({ values }) => values.filter((value) => /^\d{12}$/.test(value)));
    return [...new Set([...regionsOf(RESOURCE_ACCOUNT, tests, variableValue).values, ...named])];
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
    const result = search({ request, sets, domains, testsOf: this.testsOf, wanted: [collected.wants(0), collected.wants(1)] }, budget);
    for (const { reason, statements } of result.undetermined) collected.addUndetermined(`${statements.join(', ') || names}: ${reason}`);
    if (result.differences.length === 0) for (const { incomplete } of domains) if (incomplete) collected.addUndetermined(`${names}: ${incomplete}`);
    return result.differences.map(({ side, chosen, decisions }) => {
      const context = contextOf(principal, ownAccount, new Map([...given, ...chosen]));
      const witness = { principal: principal.arn, action: request.action, resource, context, environment };
      return collected.add(side, decisions, cell.actionClass.actions, witness);
    });
  }

  private readonly testsOf = (policy: string, id: string): readonly KeyTest[] => {
    const side = this.task.policies.findIndex(({ name }) => name === policy);
    return this.task.statements.find((statement) => statement.side === side && statement.id === id)?.tests ?? [];
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
  const given = new Map([...assignment].flatMap(([key, value]) => (isOfPrincipal(key) ? [] : [[key, value === null ? null : [value]] as const])));
  const ownAccount = accountOf(resource) === undefined ? resourceAccount : undefined;
  const request = accessRequest(principal, actionClass.actions[0] ?? '', resource, contextOf(principal, ownAccount, given));
  const ofResource = (key: string) => (key === RESOURCE_ACCOUNT || key === REGION) && request.context.has(key);
  const isFixed = (key: string) => isOfPrincipal(key) || assignment.has(key) || ofResource(key);
  return { principal, assignment, actionClass, resource, ownAccount, given, request, isFixed };
}

/** What may differ between cells in which the same statements are left: whose values are compared. */
function cellValues({ principal, assignment, request, isFixed }: Cell, left: readonly LeftStatement[]): unknown {
  const keys = new Set(left.flatMap(({ statement }) => statement.tests.map(({ key }) => key)).filter(isFixed));
  return [principal.arn, [...assignment], [...keys].map((key) => request.context.get(key) ?? null)];
}
