import { type ResolvedPiece, type readPieces, resolvePieces } from './pattern-pieces';
import type { KeyTest } from './statement-reading';
import { automatonOf, type TextAutomaton, type Token, tokensOf } from './text-automaton';

/** The value of a key that stands as a policy variable; `undefined` when the request does not have it. */
export type VariableValue = (key: string) => string | undefined;

/** The automata of the values that a text or ARN operator compares with. A value that can match nothing has none. */
export function automataOf(test: KeyTest, variableValue: VariableValue): readonly TextAutomaton[] {
  return testTokens(test, variableValue).map(automatonOf);
}

/** The same as lists of tokens, to be put behind others. */
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

/** The automaton of a pattern of a Resource element; `undefined` when it can match nothing. */
export function resourceAutomaton(pieces: ReturnType<typeof readPieces>, variableValue: VariableValue): TextAutomaton | undefined {
  const resolved = resolvePieces(pieces, variableValue);
  return resolved && automatonOf(tokensOf(resolved));
}
