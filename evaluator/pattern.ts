import type { PolicyError } from './errors';
import { compileGlob, type GlobToken } from './glob';
import type { Context } from './request';
import type { Ternary } from './ternary';
import { isUnknown } from './unknown';

/** A compiled text pattern; the context supplies the values of policy variables. */
export type Matcher = (value: string, context: Context) => Ternary;

/** How the stars of a pattern are to be read. */
interface Reading {
  /** `*` and `?` are wildcards (StringLike, ARNs, Resource) rather than literal characters. */
  readonly wildcards: boolean;
  /** Compare without regard to case (`…IgnoreCase`, actions). */
  readonly ignoreCase?: boolean;
  /** `${…}` is a policy variable: only in Version 2012-10-17. */
  readonly variables: boolean;
  /** Where the pattern stands, for errors. */
  readonly fail: (reason: string) => PolicyError;
}

type Piece = { readonly literal: string } | { readonly wild: '*' | '?' } | { readonly key: string; readonly fallback?: string };

/**
 * Compiles one pattern of a policy. Patterns without wildcard and variable become a plain comparison.
 *
 * A variable whose key is absent and that has no default makes the pattern match nothing.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function compilePattern(pattern: string, reading: Reading): Matcher {
  if (isUnknown(pattern)) return () => undefined;
  const fold = (text: string) => (reading.ignoreCase ? text.toLowerCase() : text);
  const pieces = split(pattern, reading);
  const variable = pieces.some((piece) => 'key' in piece);
  const wild = pieces.some((piece) => 'wild' in piece);
  if (!variable && !wild) {
    const literal = fold(pieces.map((piece) => ('literal' in piece ? piece.literal : '')).join(''));
    return (value) => fold(value) === literal;
  }
  if (!variable) {
    if (pattern === '*') return () => true;
    const matches = compileGlob(partsOf(pieces, fold));
    return (value) => matches(fold(value));
  }
  return (value, context) => {
    const resolved: Piece[] = [];
    for (const piece of pieces) {
      if (!('key' in piece)) {
        resolved.push(piece);
        continue;
      }
      const values = context.get(piece.key);
      if (values && values.length > 1) return undefined;
      const literal = values?.[0] ?? piece.fallback;
      if (literal === undefined) return false;
      if (isUnknown(literal)) return undefined;
      resolved.push({ literal });
    }
    return compileGlob(partsOf(resolved, fold))(fold(value));
  };
}

/** What stands between the stars, as single characters. */
function partsOf(pieces: readonly Piece[], fold: (text: string) => string): GlobToken[][] {
  let last: GlobToken[] = [];
  const parts = [last];
  for (const piece of pieces) {
    if (!('wild' in piece)) for (const letter of 'literal' in piece ? fold(piece.literal) : '') last.push(letter);
    else if (piece.wild === '?') last.push(undefined);
    else {
      last = [];
      parts.push(last);
    }
  }
  return parts;
}

const VARIABLE = /\$\{([^}]*)\}/g;

function split(pattern: string, reading: Reading): Piece[] {
  if (!reading.variables) return splitWild(pattern, reading.wildcards);
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of pattern.matchAll(VARIABLE)) {
    pieces.push(...splitWild(pattern.slice(from, match.index), reading.wildcards), variablePiece(match[1] ?? '', reading));
    from = match.index + match[0].length;
  }
  return [...pieces, ...splitWild(pattern.slice(from), reading.wildcards)];
}

function variablePiece(body: string, reading: Reading): Piece {
  if (body === '*' || body === '?' || body === '$') return { literal: body };
  const parts = /^\s*([^,'\s](?:[^,']*[^,'\s])?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(body);
  const key = parts?.[1];
  if (!key?.includes(':')) throw reading.fail(`\${${body}} is not a policy variable`);
  return { key: key.toLowerCase(), fallback: parts?.[2] };
}

function splitWild(text: string, wildcards: boolean): Piece[] {
  if (!wildcards) return text ? [{ literal: text }] : [];
  return text
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '?' ? { wild: part } : { literal: part }));
}
