/**
 * A pattern of a policy in parts: text, wildcards and policy variables. A part that is a variable is resolved before an
 * automaton is built of the rest.
 */
export type PatternPiece = { readonly literal: string } | { readonly wildcard: '*' | '?' } | { readonly key: string; readonly fallback?: string };

/** A piece without a variable. */
export type ResolvedPiece = Exclude<PatternPiece, { readonly key: string }>;

/** How the text of a pattern is to be read. */
export interface PatternReading {
  /** `*` and `?` are wildcards. */
  readonly wildcards: boolean;
  /** `${…}` is a policy variable: in Version 2012-10-17 only. */
  readonly variables: boolean;
}

const VARIABLE = /\$\{([^}]*)\}/g;

/**
 * Takes a pattern apart.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function readPieces(pattern: string, { wildcards, variables }: PatternReading): readonly PatternPiece[] {
  const plain = (text: string): PatternPiece[] => (wildcards ? splitWildcards(text) : text ? [{ literal: text }] : []);
  if (!variables) return plain(pattern);
  const pieces: PatternPiece[] = [];
  let from = 0;
  for (const match of pattern.matchAll(VARIABLE)) {
    pieces.push(...plain(pattern.slice(from, match.index)), readVariable(match[1] ?? ''));
    from = match.index + match[0].length;
  }
  return [...pieces, ...plain(pattern.slice(from))];
}

function splitWildcards(text: string): PatternPiece[] {
  return text
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '?' ? { wildcard: part } : { literal: part }));
}

/** `${*}`, `${?}` and `${$}` stand for the character itself; all others for the value of a condition key. */
function readVariable(body: string): PatternPiece {
  if (body === '*' || body === '?' || body === '$') return { literal: body };
  const parts = /^\s*([^,'\s](?:[^,']*[^,'\s])?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(body);
  return { key: (parts?.[1] ?? body).toLowerCase(), fallback: parts?.[2] };
}

/** The condition keys whose values the pattern takes in. */
export function variableKeys(pieces: readonly PatternPiece[]): readonly string[] {
  return pieces.flatMap((piece) => ('key' in piece ? [piece.key] : []));
}

/**
 * Puts values in the place of variables.
 *
 * @param variableValue the value of a key; `undefined` when the request does not have it
 * @returns `undefined` when a variable has neither value nor default: such a pattern matches nothing
 */
export function resolvePieces(pieces: readonly PatternPiece[], variableValue: (key: string) => string | undefined): readonly ResolvedPiece[] | undefined {
  const resolved: ResolvedPiece[] = [];
  for (const piece of pieces) {
    if (!('key' in piece)) {
      resolved.push(piece);
      continue;
    }
    const literal = variableValue(piece.key) ?? piece.fallback;
    if (literal === undefined) return undefined;
    resolved.push({ literal });
  }
  return resolved;
}
