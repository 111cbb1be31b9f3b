import { many, type Policy, type PolicyDocument, type Principal, type StatementDocument } from '../index';
import type { Statement } from '../policy/statement';
import { type PatternPiece, readPieces, variableKeys } from './pattern-pieces';

/** What a condition operator compares: the values of one family are cut into classes in one way. */
export type TestFamily = 'text' | 'arn' | 'number' | 'date' | 'boolean' | 'address' | 'binary' | 'presence';

/** One entry of a Condition block. */
export interface KeyTest {
  /** Lower-case. */
  readonly key: string;
  readonly family: TestFamily;
  readonly ignoreCase: boolean;
  /** `ForAllValues` or `ForAnyValue` stands before the operator. */
  readonly quantified: boolean;
  readonly values: readonly string[];
  /** The values in parts. */
  readonly pieces: readonly (readonly PatternPiece[])[];
}

/** How a policy takes part in a decision: as one of the caller's own, as a limit of the caller, or as that of the resource. */
export type PolicyPart = 'identity' | 'boundary' | 'resource';

/** The parts of a statement that cut requests into classes. Whether it applies, the evaluator says. */
export interface StatementReading {
  /** Which of the two sides it stands on. */
  readonly side: 0 | 1;
  readonly part: PolicyPart;
  /** The name of its policy, as decisions give it. */
  readonly policy: string;
  /** As the evaluator calls it. */
  readonly id: string;
  /** Unlike that of every other statement that is compared with it. */
  readonly uid: string;
  readonly compiled: Statement;
  readonly effect: 'Allow' | 'Deny';
  /** Equal for statements that say the same. */
  readonly content: string;
  /** Equal for statements with the same conditions. */
  readonly conditions: string;
  /** Lower-case. */
  readonly actions: readonly string[];
  readonly byNotAction: boolean;
  readonly resources: readonly (readonly PatternPiece[])[];
  readonly byNotResource: boolean;
  readonly tests: readonly KeyTest[];
  readonly principals: StatementDocument['Principal'];
  /** Lower-case keys that stand as policy variables. */
  readonly variables: readonly string[];
}

/**
 * Reads the statements of a policy that compiled. Those without an action or resource, which do nothing, read as empty lists.
 *
 * @param document what the policy was compiled from
 */
export function readStatements(policy: Policy, document: PolicyDocument, side: 0 | 1, part: PolicyPart): readonly StatementReading[] {
  const variables = document.Version === '2012-10-17';
  return many(document.Statement).flatMap((statement, index) => {
    const compiled = policy.statements[index];
    if (compiled === undefined) return [];
    const resources = many(statement.Resource ?? statement.NotResource).map((pattern) => readPieces(pattern, { wildcards: true, variables }));
    const tests = readTests(statement, variables);
    const reading: StatementReading = {
      side,
      part,
      policy: policy.name,
      id: compiled.id,
      uid: `${side} ${part} ${policy.name} ${index}`,
      compiled,
      effect: statement.Effect,
      content: JSON.stringify([part, { ...statement, Sid: undefined }, variables && JSON.stringify(statement).includes('${')]),
      conditions: JSON.stringify([statement.Condition, variables]),
      actions: many(statement.Action ?? statement.NotAction).map((pattern) => pattern.toLowerCase()),
      byNotAction: statement.NotAction !== undefined,
      resources,
      byNotResource: statement.NotResource !== undefined,
      tests,
      principals: statement.Principal ?? statement.NotPrincipal,
      variables: [...new Set([...resources, ...tests.flatMap(({ pieces }) => pieces)].flatMap(variableKeys))],
    };
    return [reading];
  });
}

/** The statements that only one of the sides holds. */
export function withoutShared(statements: readonly StatementReading[]): readonly StatementReading[] {
  const contents = [0, 1].map((side) => new Set(statements.flatMap((statement) => (statement.side === side ? [statement.content] : []))));
  return statements.filter(({ side, content }) => contents[1 - side]?.has(content) !== true);
}

/** Whether the statement may be about requests of the principal. */
export function mayName({ part, compiled }: StatementReading, principal: Principal): boolean {
  return part !== 'resource' || compiled.principal?.(principal).matched !== false;
}

function readTests({ Condition }: StatementDocument, variables: boolean): readonly KeyTest[] {
  return Object.entries(Condition ?? {}).flatMap(([name, keys]) => {
    const [, quantifier, operator = ''] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? [];
    const family = familyOf(operator);
    const wildcards = /Like$/.test(operator) || family === 'arn';
    return Object.entries(keys).map(([key, written]): KeyTest => {
      const values = many(written).map(String);
      const hasPieces = family === 'text' || family === 'arn';
      return {
        key: key.toLowerCase(),
        family,
        ignoreCase: operator.endsWith('IgnoreCase'),
        quantified: quantifier !== undefined,
        values,
        pieces: hasPieces ? values.map((value) => readPieces(value, { wildcards, variables })) : [],
      };
    });
  });
}

/** A test that tells one value of a key from all others. */
export function literalTest(key: string, value: string): KeyTest {
  return { key, family: 'text', ignoreCase: false, quantified: false, values: [value], pieces: [[{ literal: value }]] };
}

function familyOf(operator: string): TestFamily {
  if (operator === 'Null') return 'presence';
  if (operator === 'Bool') return 'boolean';
  if (operator.startsWith('Binary')) return 'binary';
  if (operator.startsWith('Arn')) return 'arn';
  if (operator.startsWith('Numeric')) return 'number';
  if (operator.startsWith('Date')) return 'date';
  return operator.endsWith('IpAddress') ? 'address' : 'text';
}
