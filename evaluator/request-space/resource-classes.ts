import { ANY_ARN, shapeOf } from './arn-shapes';
import { resourceAutomaton, testTokens, type VariableValue } from './condition-patterns';
import type { KeyTest, StatementReading } from './statement-reading';
import { automatonOf, type TextAutomaton, type Token, tokensOf } from './text-automaton';
import { type TextClasses, textClasses } from './text-classes';

/** Resources that no pattern tells apart. */
export interface ResourceClass {
  /** One of them. */
  readonly resource: string;
  /** Whether another resource is of the same class. */
  readonly includes: (resource: string) => boolean;
  /** Whether the mark matches; see {@link resourceClasses}. */
  readonly isMarked: boolean;
}

/** The classes that were known. */
export interface ResourceClasses {
  readonly classes: readonly ResourceClass[];
  /** Why there may be more, if so. */
  readonly incomplete?: string;
}

const NONE = '*';
const shared = new Map<string, TextClasses>();
const SHARED_LIMIT = 5_000;
const ids = new WeakMap<TextAutomaton, number>();
let lastId = 0;

/**
 * The resources of a template, as the Resource elements of statements tell them apart.
 *
 * @param template a template of the service data, `*` for requests without a resource, `undefined` for any ARN
 * @param limit how many states of the patterns together are looked at
 * @param account an account whose resources are to be told from those of others
 * @param mark resources to be told from all others
 */
export function resourceClasses(
  statements: readonly StatementReading[],
  template: string | undefined,
  variableValue: VariableValue,
  limit: number,
  account?: string,
  mark?: TextAutomaton,
): ResourceClasses {
  const none: ResourceClass = { resource: NONE, includes: (resource) => resource === NONE, isMarked: false };
  if (template === NONE) return { classes: [none] };
  const shape = template === undefined ? ANY_ARN : shapeOf(template);
  const elements = statements.filter(({ resources }) => resources.length > 0).map((statement) => resourceAutomaton(statement, variableValue));
  const derived = arnTests(
    statements.flatMap(({ tests }) => tests),
    variableValue,
  );
  const owner = account === undefined ? [] : [component(IN_ARN['aws:resourceaccount'], tokensOf([{ literal: account }]))];
  const automata = [...new Set([...elements, ...derived.automata, ...owner, ...(mark ? [mark] : [])])];
  const markedAt = mark ? automata.indexOf(mark) : -1;
  const inShape = sharedClasses(automata, shape, limit);
  const list = inShape.classes.map(({ text, matches }): ResourceClass => {
    const includes = (resource: string) => shape.matches(resource) && automata.every((automaton, index) => automaton.matches(resource) === matches[index]);
    return { resource: text, includes, isMarked: matches[markedAt] === true };
  });
  // An action that may act upon anything may also be one that takes no resource.
  return { classes: template === undefined ? [...list, none] : list, incomplete: inShape.incomplete ?? derived.incomplete };
}

/** Where the keys stand in an ARN whose values follow from it. */
const IN_ARN = { 'aws:requestedregion': 3, 'aws:resourceaccount': 4 } as const;
const positions: Readonly<Record<string, number>> = IN_ARN;
const COMPONENT: Token = { except: ':', repeats: true };
const COLON: Token = { character: ':' };

/** ARNs that have a text of these tokens after so many colons. */
function component(at: number, tokens: readonly Token[]): TextAutomaton {
  const before = Array.from({ length: at }, () => [COMPONENT, COLON]).flat();
  return automatonOf([...before, ...tokens, COLON, { repeats: true }]);
}

/** Tests of keys whose values an ARN tells, as patterns of ARNs. */
function arnTests(tests: readonly KeyTest[], variableValue: VariableValue): { readonly automata: readonly TextAutomaton[]; readonly incomplete?: string } {
  const automata: TextAutomaton[] = [];
  let incomplete: string | undefined;
  for (const test of tests) {
    const at = positions[test.key];
    if (at === undefined) continue;
    if (test.family !== 'text' && test.family !== 'presence') incomplete = `${test.key} is compared by an operator that is not one of texts`;
    // Where the component is empty the key does not follow from the ARN.
    for (const tokens of [[], ...testTokens(test, variableValue)]) automata.push(component(at, tokens));
  }
  return { automata, incomplete };
}

function sharedClasses(automata: readonly TextAutomaton[], shape: TextAutomaton, limit: number): TextClasses {
  const id = [limit, ...[shape, ...automata].map(idOf)].join();
  let known = shared.get(id);
  if (known === undefined) {
    if (shared.size > SHARED_LIMIT) shared.clear();
    known = textClasses(automata, shape, limit);
    shared.set(id, known);
  }
  return known;
}

function idOf(automaton: TextAutomaton): number {
  let id = ids.get(automaton);
  if (id === undefined) {
    id = ++lastId;
    ids.set(automaton, id);
  }
  return id;
}
