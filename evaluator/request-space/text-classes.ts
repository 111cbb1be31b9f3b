import type { TextAutomaton } from './text-automaton';

/** Texts that no pattern of a list tells apart, by one of them. */
export interface TextClass {
  /** A shortest text of the class. */
  readonly text: string;
  /** For each pattern of the list, whether it matches. */
  readonly matches: readonly boolean[];
}

/** The classes that were found. */
export interface TextClasses {
  readonly classes: readonly TextClass[];
  /** Why there may be more, if so. */
  readonly incomplete?: string;
}

/** How many states of the patterns together are looked at. */
export const STATE_LIMIT = 20_000;
/** Characters to stand for those that no pattern names, in the order in which they are taken. */
const FRESH = [...'xyzwvukjqhgfbdmnprtlcosieaXYZWVUKJQHGFBDMNPRTLCOSIEA0123456789_-+=.@~^!&()[]<>,;|% '];

interface Node {
  readonly states: readonly number[];
  readonly text: string;
}

/**
 * One shortest text for every combination of patterns that some text matches: the reachable states of the patterns'
 * automata together, breadth first.
 *
 * @param patterns the patterns to tell apart
 * @param shape the texts that count; without it every text does
 * @param limit how many states of the automata together are looked at
 */
export function textClasses(patterns: readonly TextAutomaton[], shape?: TextAutomaton, limit = STATE_LIMIT): TextClasses {
  const automata = shape ? [...patterns, shape] : patterns;
  const classes = new Map<string, TextClass>();
  const seen = new Set<string>();
  const start: Node = { states: automata.map((automaton) => automaton.start), text: '' };
  let wave: Node[] = [start];
  let empty: Node | undefined;
  while (wave.length > 0) {
    const next: Node[] = [];
    for (const node of wave) {
      const counts = shape === undefined || shape.accepts(node.states.at(-1) ?? 0);
      if (counts && node.text === '') empty = node;
      else if (counts) add(classes, patterns, node);
      if (isExhausted(classes, patterns, node)) continue;
      for (const character of charactersOf(automata, node.states)) {
        const states = automata.map((automaton, index) => automaton.step(node.states[index] ?? 0, character));
        if (shape?.isDead(states.at(-1) ?? 0)) continue;
        const id = states.join();
        if (seen.has(id)) continue;
        if (seen.size >= limit) return { classes: [...classes.values()], incomplete: `its patterns have more than ${limit} states together` };
        seen.add(id);
        next.push({ states, text: node.text + character });
      }
    }
    wave = next;
  }
  // No text at all stands for a class only where no other does.
  if (empty) add(classes, patterns, empty);
  return { classes: [...classes.values()] };
}

function vectorOf(patterns: readonly TextAutomaton[], states: readonly number[]): readonly boolean[] {
  return patterns.map((automaton, index) => automaton.accepts(states[index] ?? 0));
}

function add(classes: Map<string, TextClass>, patterns: readonly TextAutomaton[], { states, text }: Node): void {
  const matches = vectorOf(patterns, states);
  const id = matches.map(Number).join('');
  if (!classes.has(id)) classes.set(id, { text, matches });
}

/** Where no pattern can change its answer any more, longer texts bring nothing new once their class is known. */
function isExhausted(classes: ReadonlyMap<string, TextClass>, patterns: readonly TextAutomaton[], { states }: Node): boolean {
  if (!patterns.every((automaton, index) => automaton.isSettled(states[index] ?? 0))) return false;
  return classes.has(vectorOf(patterns, states).map(Number).join(''));
}

/** Whether some text matches both. */
export function canMeet(first: TextAutomaton, second: TextAutomaton): boolean {
  const seen = new Set<string>();
  const stack: (readonly [number, number])[] = [[first.start, second.start]];
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const [here, there] = pair;
    const id = `${here} ${there}`;
    if (seen.has(id) || first.isDead(here) || second.isDead(there)) continue;
    if (first.accepts(here) && second.accepts(there)) return true;
    seen.add(id);
    for (const character of charactersOf([first, second], pair)) stack.push([first.step(here, character), second.step(there, character)]);
  }
  return false;
}

/** A character that is not among those named. */
export function freshCharacter(named: ReadonlySet<string>): string {
  return FRESH.find((character) => !named.has(character)) ?? '\u00e9';
}

/** What any of the automata tells apart, and one character that none of them does. */
function charactersOf(automata: readonly TextAutomaton[], states: readonly number[]): readonly string[] {
  const named = new Set<string>();
  for (const [index, automaton] of automata.entries()) for (const character of automaton.characters(states[index] ?? 0)) named.add(character);
  return [freshCharacter(named), ...named];
}
