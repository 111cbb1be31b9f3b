import { ANY_ARN, shapeOf } from './arn-shapes';
import { resourceAutomaton, testTokens, type VariableValue } from './condition-patterns';
import type { KeyTest, StatementReading } from './statement-reading';
import { automatonOf, type TextAutomaton, type Token } from './text-automaton';
import { type TextClass, textClasses } from './text-classes';
import { Undetermined } from './undetermined';

/** Resources that no pattern tells apart. */
export interface ResourceClass {
  /** One of them. */
  readonly resource: string;
  /** Whether another resource is of the same class. */
  readonly includes: (resource: string) => boolean;
}

const NONE = '*';
const classes = new Map<string, readonly TextClass[]>();
const CLASSES_LIMIT = 5_000;
const ids = new WeakMap<TextAutomaton, number>();
let lastId = 0;

/**
 * The resources of a template, as the Resource elements of statements tell them apart.
 *
 * @param template a template of the service data, `*` for requests without a resource, `undefined` for any ARN
 * @throws Undetermined when the patterns have too many states together
 */
export function resourceClasses(statements: readonly StatementReading[], template: string | undefined, variableValue: VariableValue): readonly ResourceClass[] {
  if (template === NONE) return [{ resource: NONE, includes: (resource) => resource === NONE }];
  const shape = template === undefined ? ANY_ARN : shapeOf(template);
  const elements = statements.filter(({ resources }) => resources.length > 0).map((statement) => resourceAutomaton(statement, variableValue));
  const automata = [...new Set([...elements, ...statements.flatMap(({ tests }) => arnTests(tests, variableValue))])];
  const list = sharedClasses(automata, shape).map(({ text, matches }): ResourceClass => {
    const includes = (resource: string) => shape.matches(resource) && automata.every((automaton, index) => automaton.matches(resource) === matches[index]);
    return { resource: text, includes };
  });
  // An action that may act upon anything may also be one that takes no resource.
  return template === undefined ? [...list, { resource: NONE, includes: (resource) => resource === NONE }] : list;
}

/** Where the keys stand in an ARN whose values follow from it. */
const IN_ARN: Readonly<Record<string, number>> = { 'aws:requestedregion': 3, 'aws:resourceaccount': 4 };
const COMPONENT: Token = { except: ':', repeats: true };
const COLON: Token = { character: ':' };

/** Tests of keys whose values an ARN tells, as patterns of ARNs. */
function arnTests(tests: readonly KeyTest[], variableValue: VariableValue): readonly TextAutomaton[] {
  return tests.flatMap((test) => {
    const at = IN_ARN[test.key];
    if (at === undefined) return [];
    if (test.family !== 'text' && test.family !== 'presence') throw new Undetermined(`${test.key} is compared by an operator of another type`);
    const before = Array.from({ length: at }, () => [COMPONENT, COLON]).flat();
    // Where the component is empty the key does not follow from the ARN.
    const values = [[], ...testTokens(test, variableValue)];
    return values.map((tokens) => automatonOf([...before, ...tokens, COLON, { repeats: true }]));
  });
}

function sharedClasses(automata: readonly TextAutomaton[], shape: TextAutomaton): readonly TextClass[] {
  const id = [shape, ...automata].map(idOf).join();
  let list = classes.get(id);
  if (list === undefined) {
    if (classes.size > CLASSES_LIMIT) classes.clear();
    list = textClasses(automata, shape);
    classes.set(id, list);
  }
  return list;
}

function idOf(automaton: TextAutomaton): number {
  let id = ids.get(automaton);
  if (id === undefined) {
    id = ++lastId;
    ids.set(automaton, id);
  }
  return id;
}
