import type { Principal } from '../index';
import { accessRequest } from '../index';
import { regionsOf } from './condition-regions';
import { isOfPrincipal, presenceOf } from './key-table';
import type { PatternPiece } from './pattern-pieces';
import type { StatementReading } from './statement-reading';

/** Values of the keys that stand as policy variables, `null` for absent. */
export type Assignment = ReadonlyMap<string, string | null>;

/** A text that no policy names. */
const FRESH = 'another-value';

/** Keys that follow from the principal: which of their values policy variables make different. */
export function valuesOfPrincipal(statements: readonly StatementReading[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Set(statements.flatMap(({ variables }) => variables));
  return new Map([...keys].filter(isOfPrincipal).map((key) => [key, candidates(statements, key)]));
}

/** Every assignment to the variables of the statements that a request of the principal can have. */
export function assignments(statements: readonly StatementReading[], principal: Principal): readonly Assignment[] {
  const keys = [...new Set(statements.flatMap(({ variables }) => variables))];
  const { context } = accessRequest(principal, 'kms:Decrypt', '*');
  let all: readonly Assignment[] = [new Map()];
  for (const key of keys) {
    const values = isOfPrincipal(key) ? [context.get(key)?.[0] ?? null] : freeValues(statements, key, principal);
    all = all.flatMap((assignment) => values.map((value) => new Map([...assignment, [key, value]])));
  }
  return all;
}

function freeValues(statements: readonly StatementReading[], key: string, principal: Principal): readonly (string | null)[] {
  const presence = presenceOf(key, principal);
  if (presence === 'never') return [null];
  const tests = statements.flatMap((statement) => statement.tests.filter((test) => test.key === key));
  const regions = tests.length > 0 ? regionsOf(key, tests, () => undefined).values : [];
  const values = [...new Set([FRESH, ...regions, ...candidates(statements, key)])];
  return presence === 'always' ? values : [null, ...values];
}

/**
 * Values with which a pattern that holds the variable can meet another pattern: the parts of the other patterns between
 * their separators.
 */
function candidates(statements: readonly StatementReading[], key: string): readonly string[] {
  const patterns = statements.flatMap(({ resources, tests }) => [...resources, ...tests.flatMap(({ pieces }) => pieces)]);
  const holds = (pieces: readonly PatternPiece[]) => pieces.some((piece) => 'key' in piece && piece.key === key);
  const parts = patterns.filter((pieces) => !holds(pieces)).flatMap((pieces) => literalText(pieces).split(/[:/*?]+/));
  const tails = patterns.filter((pieces) => !holds(pieces)).map(literalText);
  return [...new Set([FRESH, ...parts, ...tails])].filter((part) => part !== '' && !/[*?]/.test(part));
}

function literalText(pieces: readonly PatternPiece[]): string {
  return pieces.map((piece) => ('literal' in piece ? piece.literal : '*')).join('');
}

/** Why the assignments may leave a value out, if so. */
export function openVariables(statements: readonly StatementReading[]): string | undefined {
  const keys = [...new Set(statements.flatMap(({ variables }) => variables))];
  return keys.length === 0 ? undefined : `the policy variable${keys.length > 1 ? 's' : ''} ${keys.map((key) => `\${${key}}`).join(', ')}`;
}
