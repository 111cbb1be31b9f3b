import { type AccessRequest, accessRequest, accountOf, type PolicySet, type Principal, UNKNOWN } from '../index';
import type { ActionClass } from './action-classes';
import type { Environment } from './environment';
import { valueOfPrincipal } from './key-table';
import type { KnownKeys } from './known-keys';
import { variableKeys } from './pattern-pieces';
import type { Assignment } from './policy-variables';
import type { StatementReading } from './statement-reading';
import { contextOf } from './witness';

type GivenKeys = ReadonlyMap<string, readonly string[] | null>;

/** One class of principal, of values of policy variables, of actions and of resources. */
export interface Cell {
  readonly principal: Principal;
  readonly assignment: Assignment;
  readonly actionClass: ActionClass;
  readonly resource: string;
  /** The account of a resource whose ARN does not tell it. */
  readonly ownAccount: string | undefined;
  /** Values that the request does not have of itself, on each side. */
  readonly given: readonly [GivenKeys, GivenKeys];
  /** The request as each side sees it, its condition keys as far as they follow from the rest. */
  readonly requests: readonly [AccessRequest, AccessRequest];
  /** Whether a key's value, or its absence, is known in this cell. */
  readonly isFixed: (key: string) => boolean;
}

/** The policies of both sides that decide about the requests of a cell. */
export interface Situation {
  readonly sets: readonly [PolicySet, PolicySet];
  /** As a witness names it: the policies that stand with those that are compared. */
  readonly environment: Environment;
  /** Whether the sides differ in nothing but statements. */
  readonly isAlike: boolean;
}

/** A statement that may apply in a cell; open when that depends on condition keys. */
export interface LeftStatement {
  readonly statement: StatementReading;
  readonly isOpen: boolean;
}

export const RESOURCE_ACCOUNT = 'aws:resourceaccount';
/** Keys whose values follow from the resource, where its ARN tells them. */
const OF_RESOURCE = [RESOURCE_ACCOUNT, 'aws:requestedregion', 'lambda:functionarn'];

/** @param keys those that statements of the cell compare or take in */
export function cellOf(
  principal: Principal,
  assignment: Assignment,
  actionClass: ActionClass,
  resource: string,
  resourceAccount: string | undefined,
  known: readonly [KnownKeys, KnownKeys],
): Cell {
  const keys = new Set(actionClass.statements.flatMap(({ tests, variables }) => [...tests.map(({ key }) => key), ...variables]));
  const fixedKeys = [...keys].filter((key) => assignment.has(key) || known.every((ofSide) => ofSide(key, principal) !== undefined));
  const ownAccount = accountOf(resource) === undefined ? resourceAccount : undefined;
  const action = actionClass.actions[0] ?? '';
  const plain = accessRequest(principal, action, resource, contextOf(principal, ownAccount, new Map()));
  const givenTo = (ofSide: KnownKeys) => {
    const told = fixedKeys.map((key) => [key, assignment.has(key) ? (assignment.get(key) ?? null) : (ofSide(key, principal) ?? null)] as const);
    // What follows from the principal is there already; a witness names only the rest.
    const rest = told.filter(([key, value]) => plain.context.get(key)?.[0] !== (value ?? undefined));
    return new Map(rest.map(([key, value]) => [key, value === null ? null : [value]] as const));
  };
  const given = [givenTo(known[0]), givenTo(known[1])] as const;
  const requestOf = (side: 0 | 1) =>
    given[side].size === 0 ? plain : accessRequest(principal, action, resource, contextOf(principal, ownAccount, given[side]));
  const requests = [requestOf(0), requestOf(1)] as const;
  const ofResource = (key: string) => OF_RESOURCE.includes(key) && plain.context.has(key);
  const isFixed = (key: string) => fixedKeys.includes(key) || valueOfPrincipal(key, principal) !== undefined || ofResource(key);
  return { principal, assignment, actionClass, resource, ownAccount, given, requests, isFixed };
}

/** The statements that may apply, whatever the condition keys are that do not follow from the cell. */
export function leftStatements({ requests, isFixed }: Cell, named: readonly StatementReading[]): readonly LeftStatement[] {
  return named.flatMap((statement) => {
    const request = requests[statement.side];
    const context = new Map(request.context);
    for (const { key } of statement.tests) if (!isFixed(key)) context.set(key, [UNKNOWN]);
    const presence = statement.tests.filter(({ family, key }) => family === 'presence' && !isFixed(key));
    for (const { key, values } of presence) if (/^true$/i.test(values[0] ?? '')) context.delete(key);
    const match = statement.compiled.matches({ ...request, context });
    return match === false ? [] : [{ statement, isOpen: match !== true || presence.length > 0 }];
  });
}

/** Whether both sides are left with the same: statements of one effect that name the principal alike under the same conditions. */
export function isShared(left: readonly LeftStatement[], principal: Principal): boolean {
  const sides = [new Set<string>(), new Set<string>()] as const;
  for (const { statement, isOpen } of left) {
    const { side, part, effect, conditions, compiled } = statement;
    sides[side].add(JSON.stringify([part, effect, compiled.principal?.(principal), isOpen ? conditions : '']));
  }
  return sides[0].size === sides[1].size && [...sides[0]].every((statement) => sides[1].has(statement));
}

/** What may differ between cells in which the same statements are left: whose values are compared. */
export function cellValues({ principal, requests, isFixed, assignment, resource, actionClass }: Cell, left: readonly LeftStatement[]): unknown {
  const open = left.filter(({ isOpen }) => isOpen).flatMap(({ statement }) => statement.tests);
  // Where a variable is left open, whether a statement is left does not tell whether its resource matches.
  const isOpenVariable = left.some(({ statement }) => statement.resources.flatMap(variableKeys).some((key) => !isFixed(key) && !assignment.has(key)));
  const keys = new Set(open.flatMap(({ key, pieces }) => [key, ...pieces.flatMap(variableKeys)]).filter(isFixed));
  const values = [...keys].map((key) => [key, ...requests.map(({ context }) => context.get(key) ?? null)]);
  return [principal.arn, values, isOpenVariable ? resource : '', actionClass.absentKeys];
}
