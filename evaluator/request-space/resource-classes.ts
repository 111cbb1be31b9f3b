import { ANY_ARN, shapeOf } from './arn-shapes';
import { resourceAutomaton, type VariableValue } from './condition-patterns';
import type { StatementReading } from './statement-reading';
import type { TextAutomaton } from './text-automaton';
import { type TextClass, textClasses } from './text-classes';

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
  const automata = [...new Set(statements.flatMap(({ resources }) => resources.flatMap((pieces) => resourceAutomaton(pieces, variableValue) ?? [])))];
  const list = sharedClasses(automata, shape).map(({ text, matches }): ResourceClass => {
    const includes = (resource: string) => shape.matches(resource) && automata.every((automaton, index) => automaton.matches(resource) === matches[index]);
    return { resource: text, includes };
  });
  // An action that may act upon anything may also be one that takes no resource.
  return template === undefined ? [...list, { resource: NONE, includes: (resource) => resource === NONE }] : list;
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
