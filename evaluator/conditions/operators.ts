import { arnComponents } from '../arn-pattern';
import type { PolicyError } from '../errors';
import { compilePattern } from '../pattern';
import type { Context } from '../request';
import type { Ternary } from '../ternary';
import { isUnknown } from '../unknown';
import { inBlock, readAddressBlock, readBoolean, readDate, readNumber } from './values';

/** Compares one value of the request with one value of the policy. */
export type Comparison = (requested: string, context: Context) => Ternary;

/** One condition operator without its `IfExists` and `ForAnyValue:` decorations. */
export interface Operator {
  /** `…Not…` operators match when no value of the policy matches, and when the key is absent. */
  readonly negated: boolean;
  /** Prepares a policy value; throws what `fail` makes when the value is not of the operator's type. */
  compile(value: string, variables: boolean, fail: (reason: string) => PolicyError): Comparison;
}

function text(negated: boolean, reading: { wildcards: boolean; ignoreCase?: boolean }): Operator {
  return { negated, compile: (value, variables, fail) => compilePattern(value, { ...reading, variables, fail }) };
}

/**
 * ARNs are compared component by component; a star does not reach across a colon of the first five.
 * ArnEquals and ArnLike behave identically.
 */
function arn(negated: boolean): Operator {
  return {
    negated,
    compile(value, variables, fail) {
      if (isUnknown(value)) return () => undefined;
      const components = arnComponents(value, variables);
      // A variable may hide several components and then counts as one.
      const parts = components.length < 6 ? [value] : components;
      const hidden = variables && value.includes('${');
      if (parts.length === 1 && value !== '*' && !hidden) throw fail(`${value} is not an ARN`);
      const matchers = parts.map((part) => compilePattern(part, { wildcards: true, variables, fail }));
      return (requested, context) => {
        const given = arnComponents(requested, false);
        if (parts.length === 1) return matchers[0]?.(requested, context);
        if (given.length !== matchers.length) return false;
        let result: Ternary = true;
        for (const [index, matcher] of matchers.entries()) {
          const match = matcher(given[index] ?? '', context);
          if (match === false) return false;
          if (match === undefined) result = undefined;
        }
        return result;
      };
    },
  };
}

/** Operators on typed values: a request value of another type does not match. */
function typed<T>(negated: boolean, type: string, read: (value: string) => T | undefined, matches: (requested: T, given: T) => boolean): Operator {
  return {
    negated,
    compile(value, variables, fail) {
      if (isUnknown(value)) return () => undefined;
      if (variables && value.includes('${')) throw fail(`policy variables are not supported in a ${type}`);
      const given = read(value);
      if (given === undefined) throw fail(`${JSON.stringify(value)} is not a ${type}`);
      return (requested) => {
        const left = read(requested);
        return left !== undefined && matches(left, given);
      };
    },
  };
}

const number = (negated: boolean, matches: (a: number, b: number) => boolean) => typed(negated, 'number', readNumber, matches);
const date = (negated: boolean, matches: (a: number, b: number) => boolean) => typed(negated, 'date', readDate, matches);
const equal = <T>(a: T, b: T) => a === b;
const readBase64 = (value: string) => (/^[A-Za-z0-9+/]*={0,2}$/.test(value) ? Buffer.from(value, 'base64').toString('base64') : undefined);

/**
 * Every condition operator of IAM except `Null`, which asks for the key itself and is handled with the key.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: text(false, { wildcards: false }),
  StringNotEquals: text(true, { wildcards: false }),
  StringEqualsIgnoreCase: text(false, { wildcards: false, ignoreCase: true }),
  StringNotEqualsIgnoreCase: text(true, { wildcards: false, ignoreCase: true }),
  StringLike: text(false, { wildcards: true }),
  StringNotLike: text(true, { wildcards: true }),
  NumericEquals: number(false, equal),
  NumericNotEquals: number(true, equal),
  NumericLessThan: number(false, (a, b) => a < b),
  NumericLessThanEquals: number(false, (a, b) => a <= b),
  NumericGreaterThan: number(false, (a, b) => a > b),
  NumericGreaterThanEquals: number(false, (a, b) => a >= b),
  DateEquals: date(false, equal),
  DateNotEquals: date(true, equal),
  DateLessThan: date(false, (a, b) => a < b),
  DateLessThanEquals: date(false, (a, b) => a <= b),
  DateGreaterThan: date(false, (a, b) => a > b),
  DateGreaterThanEquals: date(false, (a, b) => a >= b),
  Bool: typed(false, 'boolean', readBoolean, equal),
  BinaryEquals: typed(false, 'base64 text', readBase64, equal),
  IpAddress: typed(false, 'IP address or range', readAddressBlock, inBlock),
  NotIpAddress: typed(true, 'IP address or range', readAddressBlock, inBlock),
  ArnEquals: arn(false),
  ArnLike: arn(false),
  ArnNotEquals: arn(true),
  ArnNotLike: arn(true),
};
