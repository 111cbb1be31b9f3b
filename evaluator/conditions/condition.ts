import type { Fail, PolicyError } from '../errors';
import { isObject, many, type StatementDocument } from '../policy/document';
import type { Context } from '../request';
import { all, any, not, type Ternary } from '../ternary';
import { isUnknown, UNKNOWN_PRESENCE } from '../unknown';
import { OPERATORS } from './operators';
import { readBoolean } from './values';

/** Whether one entry of a Condition block holds for a request. */
export type Condition = (context: Context) => Ternary;

const NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/**
 * Compiles the Condition block of a statement.
 *
 * @param variables whether policy variables exist: in Version 2012-10-17 only
 * @throws PolicyError what `fail` makes
 */
export function compileConditions({ Condition: block }: StatementDocument, variables: boolean, fail: Fail): readonly Condition[] {
  if (block === undefined) return [];
  if (!isObject(block)) throw fail('Condition', 'not a JSON object');
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw fail(`Condition.${operator}`, 'not a JSON object');
    return Object.entries(keys).map(([key, value]) => {
      if (key === '') throw fail(`Condition.${operator}`, 'a condition key is empty');
      const failHere = (reason: string) => fail(`Condition.${operator}.${key}`, reason);
      const values = many(value);
      if (!values.every(isScalar)) throw failHere('holds something that is neither text, number nor boolean');
      return compileCondition(operator, key, values.map(String), variables, failHere);
    });
  });
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/**
 * Compiles one `operator: { key: values }` entry.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function compileCondition(name: string, key: string, values: readonly string[], variables: boolean, fail: (reason: string) => PolicyError): Condition {
  const [, quantifier, operatorName = '', ifExists] = NAME.exec(name) ?? [];
  const contextKey = key.toLowerCase();
  if (operatorName === 'Null') return compileNull(contextKey, values, quantifier ?? ifExists, fail);
  const operator = Object.hasOwn(OPERATORS, operatorName) ? OPERATORS[operatorName] : undefined;
  if (!operator) throw fail(`${name} is not a condition operator`);
  if (quantifier === 'ForAllValues' && contextKey.startsWith('kms:encryptioncontext:')) {
    // AWS answers OverlyPermissiveCondition: the condition would hold for a request without the key.
    throw fail('KMS rejects ForAllValues on an encryption context key');
  }
  const comparisons = values.map((value) => operator.compile(value, variables, fail));
  const matchesAny = (value: string, context: Context): Ternary => {
    if (isUnknown(value)) return undefined;
    const hit = any(comparisons, (compare) => compare(value, context));
    return operator.negated ? not(hit) : hit;
  };
  return (context) => {
    const given = context.get(contextKey);
    if (given === undefined) return ifExists !== undefined || quantifier === 'ForAllValues' || (operator.negated && quantifier === undefined);
    if (isPresenceUnknown(given)) return undefined;
    // AWS takes a key that resolves to an empty text for one without values.
    if (quantifier !== undefined && given.every((value) => value === '')) return quantifier === 'ForAllValues';
    if (quantifier === 'ForAllValues') return all(given, (value) => matchesAny(value, context));
    if (quantifier === 'ForAnyValue') return any(given, (value) => matchesAny(value, context));
    // AWS does not define a single-valued operator on a key with several values.
    return given.length === 1 ? matchesAny(given[0] ?? '', context) : undefined;
  };
}

const isPresenceUnknown = (values: readonly string[] | undefined) => values?.[0] === UNKNOWN_PRESENCE;

function compileNull(key: string, values: readonly string[], decoration: string | undefined, fail: (reason: string) => PolicyError): Condition {
  if (decoration) throw fail(`Null cannot be combined with ${decoration}`);
  const wanted = values.map((value) => {
    const boolean = readBoolean(value);
    if (boolean === undefined) throw fail(`Null takes true or false, not ${JSON.stringify(value)}`);
    return boolean;
  });
  return (context) => (isPresenceUnknown(context.get(key)) ? undefined : wanted.includes(!context.has(key)));
}
