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

/** A piece of a pattern without variables. A literal may hold `*` and `?` as plain characters. */
type FixedPiece = { readonly literal: string } | { readonly wild: '*' | '?' };

/** A piece of a pattern; a variable is replaced by its value, a literal, for each request. */
type Piece = FixedPiece | { readonly key: string; readonly fallback?: string };

/**
 * Compiles one pattern of a policy. Patterns without wildcard and variable become a plain comparison.
 *
 * A variable whose key is absent and that has no default makes the pattern match nothing. Matching is as fast as
 * {@link compileGlob} says, whatever the pattern.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function compilePattern(pattern: string, reading: Reading): Matcher {
  if (isUnknown(pattern)) return () => undefined;
  if (reading.wildcards && pattern === '*') return () => true;
  const fold = (text: string) => (reading.ignoreCase ? text.toLowerCase() : text);
  const pieces = split(pattern, reading).map((piece) => ('literal' in piece ? { literal: fold(piece.literal) } : piece));
  const fixed = pieces.filter((piece): piece is FixedPiece => !('key' in piece));
  if (fixed.length === pieces.length) {
    const matches = compileGlob(partsOf(fixed));
    return reading.ignoreCase ? (value) => matches(value.toLowerCase()) : (value) => matches(value);
  }
  return (value, context) => {
    const resolved = resolve(pieces, context, fold);
    return resolved && compileGlob(partsOf(resolved))(fold(value));
  };
}

/** The pieces with the values of variables in place; `false` when there is no value, `undefined` when it is not known. */
function resolve(pieces: readonly Piece[], context: Context, fold: (text: string) => string): readonly FixedPiece[] | false | undefined {
  const resolved: FixedPiece[] = [];
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
    resolved.push({ literal: fold(literal) });
  }
  return resolved;
}

/** What stands between the stars, as single characters. */
function partsOf(pieces: readonly FixedPiece[]): GlobToken[][] {
  let last: GlobToken[] = [];
  const parts = [last];
  for (const piece of pieces) {
    if ('literal' in piece) for (const character of piece.literal) last.push(character);
    else if (piece.wild === '?') last.push(undefined);
    else {
      last = [];
      parts.push(last);
    }
  }
  return parts;
}

function split(pattern: string, reading: Reading): Piece[] {
  const fixed = (text: string): Piece[] => (reading.wildcards ? splitWildcards(text) : text ? [{ literal: text }] : []);
  if (!reading.variables) return fixed(pattern);
  return splitVariables(pattern).flatMap(({ text, isVariable }) => (isVariable ? [variablePiece(text.slice(2, -1), reading)] : fixed(text)));
}

function splitWildcards(text: string): FixedPiece[] {
  return text
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '?' ? { wild: part } : { literal: part }));
}

/** The policy variables `${…}` of a text, and what stands between them; linear, as a regular expression would not be. */
export function splitVariables(text: string): { readonly text: string; readonly isVariable: boolean }[] {
  const parts: { text: string; isVariable: boolean }[] = [];
  let from = 0;
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', from)) {
    const end = text.indexOf('}', start);
    if (end < 0) break;
    parts.push({ text: text.slice(from, start), isVariable: false }, { text: text.slice(start, end + 1), isVariable: true });
    from = end + 1;
  }
  parts.push({ text: text.slice(from), isVariable: false });
  return parts.filter((part) => part.text !== '');
}

function variablePiece(body: string, reading: Reading): Piece {
  if (body === '*' || body === '?' || body === '$') return { literal: body };
  const parts = /^\s*([^,'\s](?:[^,']*[^,'\s])?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(body);
  const key = parts?.[1];
  if (!key?.includes(':')) throw reading.fail(`\${${body}} is not a policy variable`);
  return { key: key.toLowerCase(), fallback: parts?.[2] };
}
