import { accountOf, type Grant, type Policy, type PolicyDocument, type PolicySet, type Principal } from '../index';
import { type ActionClass, actionClasses } from './action-classes';
import { shapeOf } from './arn-shapes';
import { AS_DOCUMENTED } from './as-documented';
import type { Situation } from './cell';
import { CellSearch, type CellTask } from './cell-search';
import type { Collector } from './collector';
import { ADMINISTRATOR, environmentsOf, identityEnvironment, resourceAccounts, withEnvironment } from './environment';
import { knownKeys } from './known-keys';
import { type ResolvedPiece, readPieces } from './pattern-pieces';
import { PolicyVariables } from './policy-variables';
import { principalClasses } from './principal-classes';
import { type ResourceClasses, resourceClasses } from './resource-classes';
import type { Budget } from './search';
import { type PolicyPart, readStatements, type StatementReading, withoutShared } from './statement-reading';
import { type TextAutomaton, tokensOf, unionOf } from './text-automaton';

/** A compiled policy with the document that it was compiled from. */
export interface CompiledDocument {
  readonly policy: Policy;
  readonly document: PolicyDocument;
}

/** What decides on one side; absent where the caller or the resource does not exist there. */
export interface SpaceSide {
  readonly identity: readonly CompiledDocument[];
  /** Absent without a boundary. */
  readonly boundary?: readonly CompiledDocument[];
  readonly resource?: CompiledDocument;
  readonly grants?: readonly Grant[];
}

/** Who is asked about: one caller with policies of its own, or everybody else whom the policy of the resource can tell from others. */
export type SpaceCallers = { readonly principal: Principal } | { readonly everybodyBut: (principal: Principal) => boolean };

/** What is asked about: one resource with its parts, or all resources but those that are asked about by themselves. */
export type SpaceResources =
  | {
      readonly arn: string;
      /** Patterns of what belongs to it. */
      readonly parts: readonly string[];
      readonly account: string;
      /** Services about whose actions its policy decides; without, about all. */
      readonly policyOf?: string;
      readonly needsPolicy: boolean;
    }
  | { readonly allBut: ResourceMark };

/** Resources that are asked about by themselves, as one pattern. */
export interface ResourceMark {
  readonly automaton: TextAutomaton;
}

/** Values of condition keys, lower-case; see {@link knownKeys}. */
export type ToldKeys = ReadonlyMap<string, string | null>;

/** One comparison of two sides, for one caller or everybody else, on one resource or all others. */
export interface RequestSpace {
  readonly callers: SpaceCallers;
  readonly resources: SpaceResources;
  readonly sides: readonly [SpaceSide | undefined, SpaceSide | undefined];
  /** What each side knows of condition keys, such as tags; see {@link knownKeys}. */
  readonly told: readonly [ToldKeys, ToldKeys];
  /** Whether condition keys are there exactly where AWS documents them. */
  readonly asDocumented: boolean;
}

/** @param patterns ARNs, or patterns of them */
export function resourceMark(patterns: readonly string[]): ResourceMark {
  return { automaton: unionOf(patterns.map((pattern) => tokensOf(plainPieces(pattern)))) };
}

const plainPieces = (pattern: string): readonly ResolvedPiece[] =>
  readPieces(pattern, { wildcards: true, variables: false }).flatMap((piece) => ('key' in piece ? [] : [piece]));

/**
 * Searches all requests of a space for those that one side allows and the other does not.
 *
 * @param collected what was found is added to it
 * @param budget how many nodes of the search may be looked at; those that were are taken from it
 */
export function searchSpace(space: RequestSpace, collected: Collector, budget: Budget): void {
  const statements = [...statementsOf(space.sides[0], 0), ...statementsOf(space.sides[1], 1)];
  const differing = withoutShared(statements);
  const known = [knownKeys(space.told[0]), knownKeys(space.told[1])] as const;
  const isAlike = areAlike(space.sides) && areToldAlike(space, statements);
  if (isAlike && differing.length === 0) return;
  const classes = classesOf(statements, space, isAlike ? differing : statements).filter(
    (actionClass) => !isAlike || withoutShared(actionClass.statements).length > 0,
  );
  if (classes.length === 0) return;
  const used = new Set(classes.flatMap((actionClass) => actionClass.statements));
  const templates = new Set(classes.flatMap(({ template }) => template ?? []));
  const variables = new PolicyVariables(
    statements.filter((statement) => used.has(statement)),
    [...templates],
  );
  const principals = callersOf(space, statements, differing, variables, collected);
  const otherwiseTold = differentlyTold(space.told);
  for (const statement of statements) {
    const key = statement.variables.find((variable) => otherwiseTold(variable));
    if (key) collected.addUndetermined(`${statement.id} of the ${statement.policy}: the value of ${key} changes, and is a policy variable`);
  }
  const task = {
    ...spaceTask(space, isAlike),
    known,
    statements,
    causes: new Set(isAlike ? differing : statements),
    asDocumented: space.asDocumented,
    budget,
    collected,
  };
  const cells = new CellSearch(task);
  for (const principal of principals) {
    for (const actionClass of classes) {
      for (const assignment of variables.assignments(principal, actionClass, known[1])) cells.search(principal, assignment, actionClass);
    }
  }
  for (const reason of variables.incomplete) collected.addUndetermined(reason);
}

function statementsOf(side: SpaceSide | undefined, index: 0 | 1): readonly StatementReading[] {
  const read = (policies: readonly CompiledDocument[] | undefined, part: PolicyPart) =>
    (policies ?? []).flatMap(({ policy, document }) => readStatements(policy, document, index, part));
  return [...read(side?.identity, 'identity'), ...read(side?.boundary, 'boundary'), ...read(side?.resource && [side.resource], 'resource')];
}

/** Whether the sides differ in nothing but statements. */
function areAlike([first, second]: RequestSpace['sides']): boolean {
  if (first === undefined || second === undefined) return first === second;
  return (first.boundary === undefined) === (second.boundary === undefined) && (first.resource === undefined) === (second.resource === undefined);
}

/** Whether no statement compares a key of which the sides know different values. */
function areToldAlike({ told }: RequestSpace, statements: readonly StatementReading[]): boolean {
  const isDifferent = differentlyTold(told);
  return !statements.some(({ tests, variables }) => tests.some(({ key }) => isDifferent(key)) || variables.some(isDifferent));
}

function differentlyTold([first, second]: RequestSpace['told']): (key: string) => boolean {
  const differing = new Set([...first.keys(), ...second.keys()].filter((key) => first.get(key) !== second.get(key)));
  return (key) => differing.has(key);
}

function classesOf(
  statements: readonly StatementReading[],
  { resources, asDocumented }: RequestSpace,
  relevant: readonly StatementReading[],
): readonly ActionClass[] {
  const classes = actionClasses(statements, 'identity', 'of the action', {
    documented: asDocumented ? AS_DOCUMENTED : undefined,
    relevant,
    resources: 'allBut' in resources ? undefined : [resources.arn, ...resources.parts],
  });
  if ('allBut' in resources) return classes;
  return classes.filter(({ template }) => template !== '*');
}

function callersOf(
  { callers }: RequestSpace,
  statements: readonly StatementReading[],
  differing: readonly StatementReading[],
  variables: PolicyVariables,
  collected: Collector,
): readonly Principal[] {
  if ('principal' in callers) return [callers.principal];
  const { principals, unknown, incomplete } = principalClasses(statements, false, variables.values);
  for (const reason of incomplete) collected.addUndetermined(reason);
  for (const { statement, reason } of unknown)
    if (differing.includes(statement)) collected.addUndetermined(`${statement.id} of the ${statement.policy}: ${reason}`);
  return principals.filter((principal) => !callers.everybodyBut(principal));
}

type FixedTask = Pick<CellTask, 'resources' | 'accounts' | 'situations' | 'tellsAccounts'>;

function spaceTask(space: RequestSpace, isAlike: boolean): FixedTask {
  const { resources } = space;
  if ('allBut' in resources) {
    return {
      resources: (statements, template, variableValue, limit, account) =>
        keeping(resourceClasses(statements, template, variableValue, limit, account, resources.allBut.automaton), false),
      accounts: (principal, resource, compared) => resourceAccounts('identity', principal, resource, compared),
      situations: (principal, action, resourceAccount) => {
        const environment = identityEnvironment(principal, action, resourceAccount === undefined || resourceAccount === principal.account);
        return [{ sets: setsOf(space, true, (set) => withEnvironment(set, environment)), environment, isAlike }];
      },
      tellsAccounts: false,
    };
  }
  const parts = resources.parts.length > 0 ? resourceMark(resources.parts).automaton : undefined;
  return {
    resources: (statements, template, variableValue, limit) => {
      const isWhole = template === undefined || shapeOf(template).matches(resources.arn);
      const whole = isWhole ? [{ resource: resources.arn, includes: (other: string) => other === resources.arn, isMarked: true }] : [];
      if (parts === undefined || template === undefined) return { classes: whole };
      const { classes, incomplete } = keeping(resourceClasses(statements, template, variableValue, limit, undefined, parts), true);
      return { classes: [...whole, ...classes.filter(({ resource }) => resource !== resources.arn)], incomplete };
    },
    accounts: (_principal, resource) => [accountOf(resource) ?? resources.account],
    situations: (principal, action) => {
      const decides = resources.policyOf === undefined || action.toLowerCase().startsWith(`${resources.policyOf}:`);
      if ('principal' in space.callers) return [{ sets: setsOf(space, decides), environment: { identity: [] }, isAlike }];
      if (!decides) return [];
      const kind = resources.needsPolicy ? 'key' : 'resource';
      const environments = environmentsOf(kind, principal, action, resources.account);
      // An administrator of the account needs no Allow of the resource, and is held by its Deny.
      const isHeld = kind === 'resource' && principal.account === resources.account && space.sides.every((side) => side !== undefined);
      const all = isHeld ? [...environments, ADMINISTRATOR] : environments;
      return all.map((environment) => ({ sets: setsOf(space, true, (set) => withEnvironment(set, environment)), environment, isAlike }));
    },
    tellsAccounts: false,
  };
}

const keeping = ({ classes, incomplete }: ResourceClasses, isMarked: boolean): ResourceClasses => ({
  classes: classes.filter((found) => found.isMarked === isMarked),
  incomplete,
});

function setsOf({ sides }: RequestSpace, withResource: boolean, complete: (set: PolicySet) => PolicySet = (set) => set): Situation['sets'] {
  const set = (side: SpaceSide | undefined): PolicySet => {
    if (side === undefined) return NOBODY;
    const policies = (documents: readonly CompiledDocument[] | undefined) => documents?.map(({ policy }) => policy);
    return complete({
      identity: policies(side.identity) ?? [],
      boundary: policies(side.boundary),
      resource: withResource ? side.resource?.policy : undefined,
      grants: side.grants,
    });
  };
  return [set(sides[0]), set(sides[1])];
}

/** Where the caller or the resource does not exist nothing lets anybody in. The root user is the same on both sides. */
const NOBODY: PolicySet = { identity: [] };
