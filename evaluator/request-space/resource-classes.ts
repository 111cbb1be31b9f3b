import { ANY_ARN, shapeOf } from './arn-shapes';
import { resourceAutomaton, testTokens, type VariableValue } from './condition-patterns';
import type { KeyTest, StatementReading } from './statement-reading';
import { automatonOf, type TextAutomaton, type Token } from './text-automaton';
import { type TextClasses, textClasses } from './text-classes';

/** Resources that no pattern tells apart. */
export interface ResourceClass {
  /** One of them. */
  readonly resource: string;
  /** Whether another resource is of the same class. */
  readonly includes: (resource: string) => boolean;
}

/** The classes that were found. */
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
 */
export function resourceClasses(
  statements: readonly StatementReading[],
  template: string | undefined,
  variableValue: VariableValue,
  limit: number,
): ResourceClasses {
  const none: ResourceClass = { resource: NONE, includes: (resource) => resource === NONE };
  if (template === NONE) return { classes: [none] };
  const shape = template === undefined ? ANY_ARN : shapeOf(template);
  const elements = statements.filter(({ resources }) => resources.length > 0).map((statement) => resourceAutomaton(statement, variableValue));
  const derived = arnTests(
    statements.flatMap(({ tests }) => tests),
    variableValue,
  );
  const automata = [...new Set([...elements, ...derived.automata])];
  const found = sharedClasses(automata, shape, limit);
  const list = found.classes.map(({ text, matches }): ResourceClass => {
    const includes = (resource: string) => shape.matches(resource) && automata.every((automaton, index) => automaton.matches(resource) === matches[index]);
    return { resource: text, includes };
  });
  // An action that may act upon anything may also be one that takes no resource.
  return { classes: template === undefined ? [...list, none] : list, incomplete: found.incomplete ?? derived.incomplete };
}

/** Where the keys stand in an ARN whose values follow from it. */
const IN_ARN: Readonly<Record<string, number>> = { 'aws:requestedregion': 3, 'aws:resourceaccount': 4 };
const COMPONENT: Token = { except: ':', repeats: true };
const COLON: Token = { character: ':' };

/** Tests of keys whose values an ARN tells, as patterns of ARNs. */
function arnTests(tests: readonly KeyTest[], variableValue: VariableValue): { readonly automata: readonly TextAutomaton[]; readonly incomplete?: string } {
  const automata: TextAutomaton[] = [];
  let incomplete: string | undefined;
  for (const test of tests) {
    const at = IN_ARN[test.key];
    if (at === undefined) continue;
    if (test.family !== 'text' && test.family !== 'presence') incomplete = `${test.key} is compared by an operator that is not one of texts`;
    const before = Array.from({ length: at }, () => [COMPONENT, COLON]).flat();
    // Where the component is empty the key does not follow from the ARN.
    for (const tokens of [[], ...testTokens(test, variableValue)]) automata.push(automatonOf([...before, ...tokens, COLON, { repeats: true }]));
  }
  return { automata, incomplete };
}

function sharedClasses(automata: readonly TextAutomaton[], shape: TextAutomaton, limit: number): TextClasses {
  const id = [limit, ...[shape, ...automata].map(idOf)].join();
  let found = shared.get(id);
  if (found === undefined) {
    if (shared.size > SHARED_LIMIT) shared.clear();
    found = textClasses(automata, shape, limit);
    shared.set(id, found);
  }
  return found;
}

function idOf(automaton: TextAutomaton): number {
  let id = ids.get(automaton);
  if (id === undefined) {
    id = ++lastId;
    ids.set(automaton, id);
  }
  return id;
}
