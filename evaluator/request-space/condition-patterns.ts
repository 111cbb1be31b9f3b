import { type ResolvedPiece, resolvePieces } from './pattern-pieces';
import type { KeyTest, StatementReading } from './statement-reading';
import { type TextAutomaton, type Token, tokensOf, unionOf } from './text-automaton';

/** The value of a key that stands as a policy variable; `undefined` when the request does not have it. */
export type VariableValue = (key: string) => string | undefined;

/** The automaton of the values that a text or ARN operator compares with: it matches what one of them matches. */
export function testAutomaton(test: KeyTest, variableValue: VariableValue): TextAutomaton {
  return unionOf(testTokens(test, variableValue));
}

/** The same as lists of tokens, to be put after others. */
export function testTokens({ family, ignoreCase, pieces }: KeyTest, variableValue: VariableValue): readonly (readonly Token[])[] {
  return pieces.flatMap((pattern) => {
    const resolved = resolvePieces(pattern, variableValue);
    if (resolved === undefined) return [];
    return [family === 'arn' ? arnTokens(resolved) : tokensOf(resolved, { ignoreCase })];
  });
}

/**
 * ARNs are compared component by component: a star does not reach across a colon of the first five.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
function arnTokens(pieces: readonly ResolvedPiece[]): readonly Token[] {
  let colons = 0;
  const tokens: Token[] = [];
  for (const piece of pieces) {
    tokens.push(...componentTokens(piece, () => colons));
    if ('literal' in piece) colons += piece.literal.split(':').length - 1;
  }
  // A pattern without components, such as a single star, is compared as a whole.
  return colons < 5 ? tokensOf(pieces) : tokens;
}

function componentTokens(piece: ResolvedPiece, colons: () => number): readonly Token[] {
  return tokensOf([piece], 'wildcard' in piece && colons() < 5 ? { except: ':' } : {});
}

const automata = new WeakMap<StatementReading, Map<string, TextAutomaton>>();

/** The automaton of the patterns of a Resource or NotResource element. */
export function resourceAutomaton(statement: StatementReading, variableValue: VariableValue): TextAutomaton {
  const known = automata.get(statement) ?? new Map<string, TextAutomaton>();
  automata.set(statement, known);
  const id = JSON.stringify(statement.variables.map((key) => variableValue(key) ?? null));
  let automaton = known.get(id);
  if (automaton === undefined) {
    const resolved = statement.resources.map((pieces) => resolvePieces(pieces, variableValue));
    automaton = unionOf(resolved.flatMap((pieces) => (pieces === undefined ? [] : [tokensOf(pieces)])));
    known.set(id, automaton);
  }
  return automaton;
}
