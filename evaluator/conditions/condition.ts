import type { PolicyError } from '../errors';
import type { Context } from '../request';
import { all, any, not, type Ternary } from '../ternary';
import { isUnknown } from '../unknown';
import { OPERATORS } from './operators';
import { readBoolean } from './values';

/** Whether one entry of a Condition block holds for a request. */
export type Condition = (context: Context) => Ternary;

/** Where a condition stands and how its policy is to be read. */
export interface ConditionPlace {
  /** Policy variables exist in Version 2012-10-17 only. */
  readonly variables: boolean;
  readonly fail: (place: string, reason: string) => PolicyError;
}

const NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/**
 * Compiles one `operator: { key: values }` entry.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export function compileCondition(name: string, key: string, values: readonly string[], place: ConditionPlace): Condition {
  const fail = (reason: string) => place.fail(`Condition.${name}.${key}`, reason);
  const [, quantifier, operatorName = '', ifExists] = NAME.exec(name) ?? [];
  const lookup = key.toLowerCase();
  if (operatorName === 'Null') return compileNull(lookup, values, quantifier ?? ifExists, fail);
  const operator = Object.hasOwn(OPERATORS, operatorName) ? OPERATORS[operatorName] : undefined;
  if (!operator) throw fail(`${name} is not a condition operator`);
  if (quantifier === 'ForAllValues' && lookup.startsWith('kms:encryptioncontext:')) {
    // AWS answers OverlyPermissiveCondition: the condition would hold for a request without the key.
    throw fail('KMS rejects ForAllValues on an encryption context key');
  }
  const comparisons = values.map((value) => operator.compile(value, place.variables, fail));
  const matchesOne = (value: string, context: Context): Ternary => {
    if (isUnknown(value)) return undefined;
    const hit = any(comparisons, (compare) => compare(value, context));
    return operator.negated ? not(hit) : hit;
  };
  return (context) => {
    const given = context.get(lookup);
    if (given === undefined) return ifExists !== undefined || quantifier === 'ForAllValues' || (operator.negated && quantifier === undefined);
    if (quantifier === 'ForAllValues') return all(given, (value) => matchesOne(value, context));
    if (quantifier === 'ForAnyValue') return any(given, (value) => matchesOne(value, context));
    // AWS does not define a single-valued operator on a key with several values.
    return given.length === 1 ? matchesOne(given[0] ?? '', context) : undefined;
  };
}

function compileNull(key: string, values: readonly string[], decoration: string | undefined, fail: (reason: string) => PolicyError): Condition {
  if (decoration) throw fail(`Null cannot be combined with ${decoration}`);
  const wanted = values.map((value) => {
    const boolean = readBoolean(value);
    if (boolean === undefined) throw fail(`Null takes true or false, not ${JSON.stringify(value)}`);
    return boolean;
  });
  return (context) => wanted.includes(!context.has(key));
}
