import { globsOverlap } from '../service-data/globs';
import { shapeOf } from './arn-shapes';
import { testTokens } from './condition-patterns';
import { regionsOf } from './condition-regions';
import { type PatternPiece, type ResolvedPiece, variableKeys } from './pattern-pieces';
import type { KeyTest, StatementReading } from './statement-reading';
import { automatonOf, type TextAutomaton, tokensOf, unionOf } from './text-automaton';
import { canMeet, freshCharacter } from './text-classes';

/** Values of a key that stands as a policy variable. */
export interface VariableValues {
  readonly values: readonly string[];
  /** Why there may be values that none of these stands for, if so. */
  readonly incomplete?: string;
}

/** A text that no policy names: it is preferred where it is as good as any. */
const FRESH = 'another-value';
/** How many values of one key are told apart. */
const LIMIT = 150;
/** Up to so many ARN templates are looked at for what the value does to the shape of an ARN. */
const TEMPLATES = 40;

/** A state of an automaton in which the text of the variable begins. */
interface Beginning {
  readonly automaton: TextAutomaton;
  readonly state: number;
}

/**
 * Values of a key, one for each way in which its text leads through the patterns around it: what counts of a value is to
 * which states it brings the other patterns, from each state in which they can be where the variable begins.
 *
 * @param templates ARN templates of the resources that count
 */
export function variableValues(statements: readonly StatementReading[], key: string, templates: readonly string[]): VariableValues {
  const resources = statements.flatMap((statement) => statement.resources);
  const patterns = resources
    .filter((pieces) => variableKeys(pieces).includes(key))
    .map((pieces) => ({ text: textOf(anyText(pieces)), automaton: automatonOf(tokensOf(anyText(pieces))) }));
  const met = templates.filter((template) => template !== '*' && patterns.some(({ text, automaton }) => meets(text, automaton, template)));
  const shapes = met.slice(0, TEMPLATES).map(shapeOf);
  const tooMany = met.length > TEMPLATES ? `\${${key}} stands in patterns of more than ${TEMPLATES} types of resources` : undefined;
  const tests = statements.flatMap((statement) => statement.tests);
  const beginnings = [...beginningsOf(resources, key, [...automataOf(resources), ...shapes])];
  for (const compared of new Set(tests.map((test) => test.key))) {
    const own = tests.filter((test) => test.key === compared && (test.family === 'text' || test.family === 'arn'));
    const pieces = own.flatMap((test) => test.pieces);
    const automata = own.flatMap((test) => testTokens(withoutVariables(test), () => undefined).map(automatonOf));
    beginnings.push(...beginningsOf(pieces, key, automata));
    // The value is compared itself, too.
    if (compared === key) beginnings.push(...automata.map((automaton) => ({ automaton, state: automaton.start })));
  }
  const { values, incomplete } = walk(beginnings, key === 'aws:username' ? ':/' : '');
  const typed = tests.filter((test) => test.key === key && !['text', 'arn', 'presence'].includes(test.family));
  const other = typed.length > 0 ? regionsOf(key, typed, () => undefined).values : [];
  const isMixed = typed.length > 0 ? `\${${key}} is compared as something other than text` : undefined;
  return { values: [...new Set([...values, ...other])], incomplete: incomplete ?? isMixed ?? tooMany };
}

const anyText = (pieces: readonly PatternPiece[]): readonly ResolvedPiece[] => pieces.map((piece) => ('key' in piece ? { wildcard: '*' } : piece));

const meetings = new Map<string, Map<string, boolean>>();
const MEETINGS_LIMIT = 1_000;

/** Whether a pattern matches an ARN of a template. Every comparison of a deployment asks the same again. */
function meets(text: string, automaton: TextAutomaton, template: string): boolean {
  let known = meetings.get(text);
  if (known === undefined) {
    if (meetings.size > MEETINGS_LIMIT) meetings.clear();
    known = new Map();
    meetings.set(text, known);
  }
  let answer = known.get(template);
  if (answer === undefined) {
    // The texts alone tell most that do not meet, in a fraction of the time.
    answer = globsOverlap(text, template) && canMeet(automaton, shapeOf(template));
    known.set(template, answer);
  }
  return answer;
}

const textOf = (pieces: readonly ResolvedPiece[]) => pieces.map((piece) => ('literal' in piece ? piece.literal : piece.wildcard)).join('');

const automataOf = (patterns: readonly (readonly PatternPiece[])[]) => patterns.map((pieces) => automatonOf(tokensOf(anyText(pieces))));

const withoutVariables = (test: KeyTest): KeyTest => ({ ...test, pieces: test.pieces.map(anyText) });

/** The states in which automata can be where a variable begins in one of the patterns. */
function beginningsOf(patterns: readonly (readonly PatternPiece[])[], key: string, automata: readonly TextAutomaton[]): readonly Beginning[] {
  const beginnings = new Map<string, Beginning>();
  for (const pieces of patterns) {
    for (const [index, piece] of pieces.entries()) {
      if (!('key' in piece) || piece.key !== key) continue;
      const before = unionOf([tokensOf(anyText(pieces.slice(0, index)))]);
      for (const [at, automaton] of automata.entries()) {
        for (const state of statesAfter(before, automaton)) beginnings.set(`${at} ${state}`, { automaton, state });
      }
    }
  }
  return [...beginnings.values()].filter(({ automaton, state }) => !automaton.isSettled(state));
}

/** The states of an automaton after any text that a pattern matches. */
function statesAfter(before: TextAutomaton, automaton: TextAutomaton): ReadonlySet<number> {
  const states = new Set<number>();
  const seen = new Set<string>();
  let wave: (readonly [number, number])[] = [[before.start, automaton.start]];
  while (wave.length > 0) {
    const next: (readonly [number, number])[] = [];
    for (const [first, second] of wave) {
      const id = `${first} ${second}`;
      if (seen.has(id) || before.isDead(first)) continue;
      seen.add(id);
      if (before.accepts(first)) states.add(second);
      const named = new Set([...before.characters(first), ...automaton.characters(second)]);
      for (const character of [freshCharacter(named), ...named]) next.push([before.step(first, character), automaton.step(second, character)]);
    }
    wave = next;
  }
  return states;
}

/** A shortest text for each way through the states, breadth first. @param except characters that a value does not hold */
function walk(beginnings: readonly Beginning[], except: string): VariableValues {
  const through = (states: readonly number[], character: string) => states.map((state, index) => beginnings[index]?.automaton.step(state, character) ?? state);
  const start = beginnings.map(({ state }) => state);
  const idOf = (states: readonly number[]) => states.join();
  const values = new Map<string, string>([[idOf([...FRESH].reduce(through, start)), FRESH]]);
  const seen = new Set<string>();
  let wave: (readonly [readonly number[], string])[] = [[start, '']];
  while (wave.length > 0) {
    const next: (readonly [readonly number[], string])[] = [];
    for (const [states, text] of wave) {
      const named = new Set(beginnings.flatMap(({ automaton }, index) => [...automaton.characters(states[index] ?? 0)]));
      for (const character of [freshCharacter(named), ...named]) {
        const after = through(states, character);
        const id = idOf(after);
        if (except.includes(character) || seen.has(id)) continue;
        if (seen.size > LIMIT) return { values: [...values.values()], incomplete: `more than ${LIMIT} values of a policy variable differ` };
        seen.add(id);
        if (!values.has(id)) values.set(id, text + character);
        next.push([after, text + character]);
      }
    }
    wave = next;
  }
  return { values: [...values.values()] };
}
