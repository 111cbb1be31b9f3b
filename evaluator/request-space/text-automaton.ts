import type { ResolvedPiece } from './pattern-pieces';

/** One step of a pattern: the characters that it takes, and whether it may take any number of them. */
export interface Token {
  /** The only character that it takes; absent when it takes many. */
  readonly character?: string;
  /** Compare the character without regard to case. */
  readonly ignoreCase?: boolean;
  /** Characters that a token for many does not take. */
  readonly except?: string;
  /** The characters that a token for many takes; absent when it takes all but `except`. */
  readonly only?: string;
  /** Takes any number of characters, also none. */
  readonly repeats?: boolean;
}

interface State {
  /** Tokens that may come next, ascending. */
  readonly positions: readonly number[];
  readonly accepts: boolean;
  /** The characters that are to be told from each other and from all others here. */
  readonly characters: readonly string[];
  readonly next: Map<string, number>;
}

/** The states of every automaton for "matches nothing any more" and "matches whatever follows". */
const DEAD = 0;
const ALL = 1;

/**
 * Patterns, of which any may match, as one finite automaton. Its states are built when they are first reached, and kept: an automaton is shared
 * between all the comparisons in which its patterns occur.
 */
export class TextAutomaton {
  private readonly states: State[] = [];
  private readonly ids = new Map<string, number>();
  /** The state before any character. */
  readonly start: number;

  /** The tokens of all patterns one after the other, each followed by its end. */
  private readonly tokens: readonly (Token | undefined)[];

  constructor(patterns: readonly (readonly Token[])[]) {
    this.tokens = patterns.flatMap((tokens) => [...tokens, undefined]);
    this.states.push({ positions: [], accepts: false, characters: [], next: new Map() });
    this.states.push({ positions: [], accepts: true, characters: [], next: new Map() });
    const starts: number[] = [];
    let at = 0;
    for (const { length } of patterns) {
      starts.push(at);
      at += length + 1;
    }
    this.start = this.stateOf(starts);
  }

  /** The state after one more character. */
  step(state: number, character: string): number {
    if (state === DEAD || state === ALL) return state;
    const { positions, next } = this.at(state);
    let after = next.get(character);
    if (after === undefined) {
      const reached: number[] = [];
      for (const position of positions) {
        const token = this.tokens[position];
        if (token && takes(token, character)) reached.push(token.repeats ? position : position + 1);
      }
      after = this.stateOf(reached);
      next.set(character, after);
    }
    return after;
  }

  /** Whether the text read so far matches. */
  accepts(state: number): boolean {
    return this.at(state).accepts;
  }

  /** Whether every text that follows has the same answer. */
  isSettled(state: number): boolean {
    return state === DEAD || state === ALL;
  }

  /** Whether no text that follows can match. */
  isDead(state: number): boolean {
    return state === DEAD;
  }

  /** The characters that lead to another state than all the others do. */
  characters(state: number): readonly string[] {
    return this.at(state).characters;
  }

  /** Whether a whole text matches. */
  matches(text: string): boolean {
    let state = this.start;
    for (const character of text) state = this.step(state, character);
    return this.accepts(state);
  }

  private at(state: number): State {
    const known = this.states[state];
    if (!known) throw new RangeError(`an automaton has no state ${state}`);
    return known;
  }

  private stateOf(reached: readonly number[]): number {
    const positions = this.close(reached);
    if (positions.length === 0) return DEAD;
    if (positions.some((position) => this.takesWhateverFollows(position))) return ALL;
    const id = positions.join();
    let state = this.ids.get(id);
    if (state === undefined) {
      state = this.states.length;
      const characters = [...new Set(positions.flatMap((position) => charactersOf(this.tokens[position])))];
      this.states.push({ positions, accepts: positions.some((position) => this.tokens[position] === undefined), characters, next: new Map() });
      this.ids.set(id, state);
    }
    return state;
  }

  private takesWhateverFollows(position: number): boolean {
    const token = this.tokens[position];
    return token?.repeats === true && token.except === undefined && token.only === undefined && this.tokens[position + 1] === undefined;
  }

  /** A token that may take nothing lets the next one come at once. */
  private close(reached: readonly number[]): readonly number[] {
    const positions = new Set<number>();
    for (let position of reached) {
      positions.add(position);
      while (this.tokens[position]?.repeats) positions.add(++position);
    }
    return positions.size === 1 ? [...positions] : [...positions].sort((a, b) => a - b);
  }
}

function takes(token: Token, character: string): boolean {
  if (token.only !== undefined) return token.only.includes(character);
  if (token.character === undefined) return token.except === undefined || !token.except.includes(character);
  return token.ignoreCase ? token.character.toLowerCase() === character.toLowerCase() : token.character === character;
}

function charactersOf(token: Token | undefined): readonly string[] {
  if (token === undefined) return [];
  if (token.character === undefined) return [...(token.only ?? token.except ?? '')];
  return token.ignoreCase ? [token.character.toLowerCase(), token.character.toUpperCase()] : [token.character];
}

/** The tokens of a pattern. @param except characters that its wildcards do not take */
export function tokensOf(pieces: readonly ResolvedPiece[], options: { readonly ignoreCase?: boolean; readonly except?: string } = {}): readonly Token[] {
  const { ignoreCase, except } = options;
  return pieces.flatMap((piece): Token[] => {
    if ('literal' in piece) return [...piece.literal].map((character) => ({ character, ignoreCase }));
    return [piece.wildcard === '*' ? { except, repeats: true } : { except }];
  });
}

const shared = new Map<string, TextAutomaton>();
const SHARED_LIMIT = 5_000;

/** The automaton of one list of tokens. */
export function automatonOf(tokens: readonly Token[]): TextAutomaton {
  return unionOf([tokens]);
}

/** The automaton of patterns of which any may match, shared with all that ask for the same. */
export function unionOf(patterns: readonly (readonly Token[])[]): TextAutomaton {
  // An empty pattern is not the same as none.
  const id = `${patterns.length}${patterns.map((tokens) => `\0|${tokens.map(describe).join('')}`).join('')}`;
  let automaton = shared.get(id);
  if (automaton === undefined) {
    if (shared.size > SHARED_LIMIT) shared.clear();
    automaton = new TextAutomaton(patterns);
    shared.set(id, automaton);
  }
  return automaton;
}

/** A text that no other token has: a NUL begins what is not a plain character. */
function describe({ character, ignoreCase, except, only, repeats }: Token): string {
  if (character !== undefined && !ignoreCase && !repeats) return character;
  return `\0${character ?? ''}\0${ignoreCase ? 'i' : ''}${repeats ? 'r' : ''}\0${except ?? ''}\0${only ?? ''}\0`;
}
