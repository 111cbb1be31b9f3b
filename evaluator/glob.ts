/** One character of a pattern: a code point, or `undefined` for `?`, which stands for any one. */
export type GlobToken = string | undefined;

/** What stands between two stars. */
interface Segment {
  readonly tokens: readonly GlobToken[];
  /** The same as text, where no `?` is in it. */
  readonly literal: string | undefined;
}

/** A text as single code points; a string will do where each of its units is one. */
type Characters = string | readonly string[];

/** Up to this product of lengths the engine's own search is used; above it one that cannot be slowed down by its input. */
const NATIVE_SEARCH_LIMIT = 65_536;

/**
 * Compiles a pattern in which any text may stand between its parts: one part is a pattern without a star, two have one star
 * between them, and so on.
 *
 * Each part is searched once, from where the part before it ended: leftmost is as good as any, so nothing is tried twice.
 * The time is linear in the lengths of pattern and text for any number of stars; a part with `?` takes a thirty-second of
 * the product of its length and the text's.
 *
 * @returns whether a whole text matches
 */
export function compileGlob(parts: readonly (readonly GlobToken[])[]): (text: string) => boolean {
  const segments = parts.map(toSegment);
  const [first = toSegment([])] = segments;
  if (segments.length <= 1) {
    return (text) => {
      const characters = charactersOf(text);
      return characters.length === first.tokens.length && matchesAt(characters, first, 0);
    };
  }
  const last = segments.at(-1) ?? first;
  const middle = segments.slice(1, -1).filter(({ tokens }) => tokens.length > 0);
  return (text) => {
    const characters = charactersOf(text);
    const end = characters.length - last.tokens.length;
    let position = first.tokens.length;
    if (position > end || !matchesAt(characters, first, 0) || !matchesAt(characters, last, end)) return false;
    for (const segment of middle) {
      const at = find(characters, segment, position, end);
      if (at < 0) return false;
      position = at + segment.tokens.length;
    }
    return true;
  };
}

/**
 * Whether a text matches a pattern in which `*` stands for any text and `?` for any character.
 *
 * @example
 * matchesGlob('arn:aws:sqs:*:111122223333:people', 'arn:aws:sqs:eu-west-1:111122223333:people'); // true
 */
export function matchesGlob(pattern: string, text: string): boolean {
  return compileGlob(pattern.split('*').map((part) => Array.from(part, (letter) => (letter === '?' ? undefined : letter))))(text);
}

function toSegment(tokens: readonly GlobToken[]): Segment {
  return { tokens, literal: tokens.includes(undefined) ? undefined : tokens.join('') };
}

const SURROGATE = /[\ud800-\udfff]/;
const charactersOf = (text: string): Characters => (SURROGATE.test(text) ? Array.from(text) : text);

function matchesAt(characters: Characters, { tokens, literal }: Segment, at: number): boolean {
  if (literal !== undefined && typeof characters === 'string') return characters.startsWith(literal, at);
  return tokens.every((token, index) => token === undefined || token === characters[at + index]);
}

/** Where a segment begins first between two positions; -1 when it does not occur there. */
function find(characters: Characters, segment: Segment, from: number, end: number): number {
  const { tokens, literal } = segment;
  if (tokens.length > end - from) return -1;
  if (literal === undefined) return findWithWildcards(characters, tokens, from, end);
  if (typeof characters !== 'string' || tokens.length * (end - from) > NATIVE_SEARCH_LIMIT) return findLiteral(characters, tokens, from, end);
  const at = characters.indexOf(literal, from);
  return at >= 0 && at + tokens.length <= end ? at : -1;
}

/** The algorithm of Knuth, Morris and Pratt: linear whatever the texts are. */
function findLiteral(characters: Characters, tokens: readonly GlobToken[], from: number, end: number): number {
  const borders = bordersOf(tokens);
  let matched = 0;
  for (let at = from; at < end; at++) {
    while (matched > 0 && tokens[matched] !== characters[at]) matched = borders[matched - 1] ?? 0;
    if (tokens[matched] === characters[at]) matched += 1;
    if (matched === tokens.length) return at - matched + 1;
  }
  return -1;
}

/** For each prefix, the length of its longest proper prefix that is also its end. */
function bordersOf(tokens: readonly GlobToken[]): number[] {
  const borders = [0];
  let length = 0;
  for (let index = 1; index < tokens.length; index++) {
    while (length > 0 && tokens[length] !== tokens[index]) length = borders[length - 1] ?? 0;
    if (tokens[length] === tokens[index]) length += 1;
    borders.push(length);
  }
  return borders;
}

/** All prefixes that end at a position at once, one bit each: the algorithm of Baeza-Yates and Gonnet. */
function findWithWildcards(characters: Characters, tokens: readonly GlobToken[], from: number, end: number): number {
  const words = Math.ceil(tokens.length / 32);
  const { anyCharacter, of } = masksOf(tokens, words);
  const state = new Uint32Array(words);
  const lastBit = 1 << ((tokens.length - 1) % 32);
  for (let at = from; at < end; at++) {
    const mask = of.get(characters[at] ?? '') ?? anyCharacter;
    let carry = 1;
    for (let word = 0; word < words; word++) {
      const before = state[word] ?? 0;
      state[word] = ((before << 1) | carry) & (mask[word] ?? 0);
      carry = before >>> 31;
    }
    if (((state[words - 1] ?? 0) & lastBit) !== 0) return at - tokens.length + 1;
  }
  return -1;
}

/** For each character, the positions of a segment at which it may stand. */
function masksOf(tokens: readonly GlobToken[], words: number): { anyCharacter: Uint32Array; of: ReadonlyMap<string, Uint32Array> } {
  const anyCharacter = new Uint32Array(words);
  const of = new Map<string, Uint32Array>();
  const set = (mask: Uint32Array, index: number) => {
    mask[index >>> 5] = (mask[index >>> 5] ?? 0) | (1 << (index & 31));
  };
  for (const [index, token] of tokens.entries()) if (token === undefined) set(anyCharacter, index);
  for (const [index, token] of tokens.entries()) {
    if (token === undefined) continue;
    const mask = of.get(token) ?? Uint32Array.from(anyCharacter);
    set(mask, index);
    of.set(token, mask);
  }
  return { anyCharacter, of };
}
