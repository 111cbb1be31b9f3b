import { many, type PolicyDocument, type StatementDocument } from '../index';
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

/** The parts of a statement that cut requests into classes. Whether it applies, the evaluator says. */
export interface StatementReading {
  /** Which of the two policies it stands in. */
  readonly side: 0 | 1;
  /** The index among the statements of its policy. */
  readonly index: number;
  /** As the evaluator calls it. */
  readonly id: string;
  readonly effect: 'Allow' | 'Deny';
  /** Equal for statements that say the same. */
  readonly content: string;
  /** Equal for statements with the same conditions. */
  readonly conditions: string;
  /** Lower-case. */
  readonly actions: readonly string[];
  readonly byNotAction: boolean;
  readonly resources: readonly (readonly PatternPiece[])[];
  readonly tests: readonly KeyTest[];
  readonly principals: StatementDocument['Principal'];
  /** Lower-case keys that stand as policy variables. */
  readonly variables: readonly string[];
}

/** Reads the statements of a policy that compiled. Those without an action or resource, which do nothing, read as empty lists. */
export function readStatements(document: PolicyDocument, side: 0 | 1): readonly StatementReading[] {
  const variables = document.Version === '2012-10-17';
  return many(document.Statement).map((statement, index) => {
    const resources = many(statement.Resource ?? statement.NotResource).map((pattern) => readPieces(pattern, { wildcards: true, variables }));
    const tests = readTests(statement, variables);
    return {
      side,
      index,
      id: statement.Sid ?? `Statement[${index}]`,
      effect: statement.Effect,
      content: JSON.stringify([{ ...statement, Sid: undefined }, variables && JSON.stringify(statement).includes('${')]),
      conditions: JSON.stringify([statement.Condition, variables]),
      actions: many(statement.Action ?? statement.NotAction).map((pattern) => pattern.toLowerCase()),
      byNotAction: statement.NotAction !== undefined,
      resources,
      tests,
      principals: statement.Principal ?? statement.NotPrincipal,
      variables: [...new Set([...resources, ...tests.flatMap(({ pieces }) => pieces)].flatMap(variableKeys))],
    };
  });
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
