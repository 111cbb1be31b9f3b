import { type ConditionBlock, many, type OneOrMany, type PrincipalElement, type StatementDocument } from '../../evaluator/policy/document';

/**
 * One action, resource and principal of a statement, with its conditions. A statement applies to a request exactly when one
 * of its parts does. `Not…` elements are kept whole.
 */
export interface StatementPart {
  readonly effect: 'Allow' | 'Deny';
  readonly action: Element;
  readonly resource: Element;
  readonly principal: Element;
  readonly condition: ConditionBlock;
}

/** A single pattern, or the patterns that are exempt. */
type Element = { readonly pattern: string } | { readonly except: readonly string[] };

/** The parts of a statement. An element that the kind of policy does not have counts as everything. */
export function partsOf(statement: StatementDocument): StatementPart[] {
  const actions = elements(many(statement.Action), statement.NotAction).map(lowerCase);
  const resources = elements(many(statement.Resource), statement.NotResource);
  const principals = elements(principalsOf(statement.Principal), statement.NotPrincipal && principalsOf(statement.NotPrincipal));
  const shared = { effect: statement.Effect, condition: statement.Condition ?? {} };
  return actions.flatMap((action) => resources.flatMap((resource) => principals.map((principal) => ({ ...shared, action, resource, principal }))));
}

function elements(patterns: readonly string[], except: OneOrMany<string> | undefined): Element[] {
  if (except !== undefined) return [{ except: [...many(except)].sort() }];
  return patterns.length === 0 ? [{ pattern: '*' }] : patterns.map((pattern) => ({ pattern }));
}

/** Principals as single texts, each with its type; everybody is `*` in either spelling. */
function principalsOf(element: PrincipalElement | undefined): string[] {
  if (element === undefined) return [];
  if (typeof element === 'string') return [element];
  return Object.entries(element).flatMap(([type, values]) =>
    many(values as OneOrMany<string>).map((value) => (type === 'AWS' && value === '*' ? '*' : `${type} ${accountArn(value)}`)),
  );
}

/** An account and its root ARN are the same principal. */
const accountArn = (value: string) => /^arn:[^:]+:iam::(\d{12}):root$/.exec(value)?.[1] ?? value;

const lowerCase = (element: Element): Element =>
  'pattern' in element ? { pattern: element.pattern.toLowerCase() } : { except: element.except.map((pattern) => pattern.toLowerCase()) };

/**
 * Whether the outer part applies to every request that the inner one applies to, as far as the texts show. `false` means
 * that this could not be shown, not that it is untrue.
 */
export function covers(outer: StatementPart, inner: StatementPart): boolean {
  return (
    includes(outer.action, inner.action) &&
    includes(outer.resource, inner.resource) &&
    includesPrincipal(outer.principal, inner.principal) &&
    isWeaker(outer.condition, inner.condition)
  );
}

function includes(outer: Element, inner: Element): boolean {
  if ('pattern' in outer) return 'pattern' in inner ? patternIncludes(outer.pattern, inner.pattern) : outer.pattern === '*';
  if ('pattern' in inner) return false;
  // What the outer one exempts, the inner one exempts as well.
  return outer.except.every((exempt) => inner.except.some((pattern) => patternIncludes(pattern, exempt)));
}

/** Principals are texts, not patterns: only everybody includes another. */
function includesPrincipal(outer: Element, inner: Element): boolean {
  if ('pattern' in outer) return 'pattern' in inner ? outer.pattern === '*' || outer.pattern === inner.pattern : outer.pattern === '*';
  return 'except' in inner && outer.except.every((exempt) => inner.except.includes(exempt));
}

/** Whether every text that the inner pattern matches is matched by the outer one; the wildcards of the inner one are read as letters. */
function patternIncludes(outer: string, inner: string): boolean {
  // A policy variable stands for a text of any length, so its letters must not be matched one by one.
  if (inner.includes('${') && outer.includes('?')) return outer === inner;
  let [position, next] = [0, 0];
  let [star, retry] = [-1, 0];
  while (next < inner.length) {
    const letter = outer[position];
    if (letter === '*') {
      [star, retry] = [position, next];
      position += 1;
    } else if (letter !== undefined && (letter === inner[next] || (letter === '?' && inner[next] !== '*'))) {
      position += 1;
      next += 1;
    } else if (star >= 0) {
      retry += 1;
      [position, next] = [star + 1, retry];
    } else return false;
  }
  return [...outer.slice(position)].every((letter) => letter === '*');
}

/** Operators under which a request meets more values when more are listed. */
const MORE_VALUES_ALLOW_MORE =
  /^(ForAnyValue:|ForAllValues:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|Bool|BinaryEquals|IpAddress)(IfExists)?$/;
/** Operators under which it meets fewer. */
const MORE_VALUES_ALLOW_LESS = /^(StringNotEquals|StringNotEqualsIgnoreCase|StringNotLike|ArnNotEquals|ArnNotLike|NotIpAddress)(IfExists)?$/;

/** Whether a request that meets the inner conditions meets the outer ones. */
function isWeaker(outer: ConditionBlock, inner: ConditionBlock): boolean {
  return Object.entries(outer).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const narrowValues = valuesOf(inner, operator, key);
      if (narrowValues === undefined) return false;
      const [wide, narrow] = [texts(values), texts(narrowValues)];
      if (MORE_VALUES_ALLOW_MORE.test(operator)) return narrow.every((value) => wide.includes(value));
      if (MORE_VALUES_ALLOW_LESS.test(operator)) return wide.every((value) => narrow.includes(value));
      return wide.length === narrow.length && wide.every((value) => narrow.includes(value));
    }),
  );
}

/** The values of one test; names of condition keys are read without regard to case. */
function valuesOf(block: ConditionBlock, operator: string, key: string): OneOrMany<string | boolean | number> | undefined {
  return Object.entries(block[operator] ?? {}).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

const texts = (values: OneOrMany<string | boolean | number>) => many<string | boolean | number>(values).map(String);
