import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;
type Relation = (a: string, b: string) => boolean;

/** The relations that schema data names: pairs of values that are no difference. */
export const RELATIONS: Readonly<Record<string, Relation>> = {
  iam_policy_equivalence: samePolicy,
  json_equivalence: (a, b) => bothParse(a, b, (x, y) => isDeepStrictEqual(x, y)),
  'key ID equals the key ARN ending in it': (a, b) => lastPart(a) === lastPart(b),
  'function name equals function ARN with that name': (a, b) => a.split(':').at(-1) === b.split(':').at(-1),
};

const lastPart = (text: string) => text.split('/').at(-1);

function bothParse(a: string, b: string, test: (a: Json, b: Json) => boolean): boolean {
  try {
    return test(JSON.parse(a) as Json, JSON.parse(b) as Json);
  } catch {
    return false;
  }
}

/** Equivalence of policy documents as hashicorp/aws sees it (awspolicyequivalence 1.7). */
function samePolicy(a: string, b: string): boolean {
  const [left, right] = [trim(a), trim(b)];
  if (isEmpty(left) && isEmpty(right)) return true;
  return bothParse(left, right, (x, y) => {
    const [these, those] = [list(x.Statement) as Json[], list(y.Statement) as Json[]];
    const covered = (some: Json[], others: Json[]) => some.every((statement) => others.some((other) => sameStatement(statement, other)));
    return x.Version === y.Version && x.Id === y.Id && these.length === those.length && covered(these, those) && covered(those, these);
  });
}

const trim = (text: string) => text.trim().replace(/^\[(.*)\]$/s, '$1');
const isEmpty = (text: string) => text === '' || text === '{}';
const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const sorted = (value: unknown) => list(value).map(String).sort();

function sameStatement(a: Json, b: Json): boolean {
  return (
    (a.Sid ?? '') === (b.Sid ?? '') &&
    String(a.Effect).toLowerCase() === String(b.Effect).toLowerCase() &&
    ['Action', 'NotAction', 'Resource', 'NotResource'].every((member) => isDeepStrictEqual(sorted(a[member]), sorted(b[member]))) &&
    isDeepStrictEqual(conditions(a.Condition), conditions(b.Condition)) &&
    ['Principal', 'NotPrincipal'].every((member) => isDeepStrictEqual(principals(a[member]), principals(b[member])))
  );
}

function conditions(condition: unknown): unknown {
  if (condition === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(condition as Record<string, Json>).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, { count: list(values).length, values: [...new Set(sorted(values))] }])),
    ]),
  );
}

function principals(principal: unknown): unknown {
  if (principal === undefined || typeof principal === 'string') return {};
  const types = Object.entries(principal as Json).filter(([, values]) => list(values).length > 0);
  return Object.fromEntries(
    types.map(([type, values]) => [
      type,
      sorted(values)
        .map((value) => value.replace(/^arn:[^:]+:iam::(\d{12}):root$/, '$1'))
        .sort(),
    ]),
  );
}
