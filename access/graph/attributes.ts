import type { Resolution } from './references';
import { isObject, type TerraformResource } from './terraform-resource';

/** A value of an attribute, of which a path into repeated blocks has several. */
export type AttributeValue =
  | { readonly kind: 'known'; readonly value: unknown }
  /** Known only after apply; the resolutions say what its configuration refers to. */
  | { readonly kind: 'unknown'; readonly resolutions: readonly Resolution[] };

/**
 * The values of an attribute; none where it is not set.
 *
 * @param path names of blocks and at last of the attribute, with dots: `server_side_encryption.kms_key_arn`
 */
export function attributeValues(resource: TerraformResource, path: string): AttributeValue[] {
  return walk(resource, path.split('.'), resource.values, resource.unknown, resource.expressions);
}

function walk(resource: TerraformResource, names: readonly string[], value: unknown, unknown: unknown, expression: unknown): AttributeValue[] {
  if (unknown === true)
    return [
      { kind: 'unknown', resolutions: names.length === 0 || !isObject(expression) ? resource.resolve(expression) : deepest(resource, names, expression) },
    ];
  const [name, ...rest] = names;
  if (name === undefined) return leaf(resource, value, unknown, expression);
  if (Array.isArray(value) || Array.isArray(unknown)) {
    const [values, unknowns] = [asList(value), asList(unknown)];
    // Of dynamic blocks the configuration does not show how many there are.
    const length = Math.max(values.length, unknowns.length);
    return Array.from({ length }).flatMap((_item, index) =>
      walk(
        resource,
        names,
        values[index],
        unknowns[index],
        Array.isArray(expression) ? (expression.length === length ? expression[index] : undefined) : expression,
      ),
    );
  }
  return walk(resource, rest, memberOf(value, name), memberOf(unknown, name), isExpression(expression) ? expression : memberOf(expression, name));
}

function leaf(resource: TerraformResource, value: unknown, unknown: unknown, expression: unknown): AttributeValue[] {
  const known: AttributeValue[] = value === undefined || value === null ? [] : [{ kind: 'known', value }];
  if (!holdsTrue(unknown)) return known;
  const rest: AttributeValue = { kind: 'unknown', resolutions: resource.resolve(expression) };
  if (!Array.isArray(value) || !Array.isArray(unknown)) return [rest];
  const elements = value.filter((_element, index) => !holdsTrue(unknown[index]));
  return elements.length > 0 ? [{ kind: 'known', value: elements }, rest] : [rest];
}

/** A block that is unknown as a whole: the expression of the attribute, as far as the configuration has it. */
function deepest(resource: TerraformResource, names: readonly string[], expression: unknown): readonly Resolution[] {
  let inner: unknown = expression;
  for (const name of names) {
    const next = memberOf(Array.isArray(inner) ? inner[0] : inner, name);
    if (next === undefined) break;
    inner = next;
  }
  return resource.resolve(inner);
}

/** Whether it is an expression rather than a block of some: of an object as a value, the configuration shows references only. */
const isExpression = (expression: unknown): boolean =>
  isObject(expression) && Array.isArray(expression.references) && expression.references.every((each) => typeof each === 'string');

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const memberOf = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
const holdsTrue = (value: unknown): boolean => value === true || (typeof value === 'object' && value !== null && Object.values(value).some(holdsTrue));

/** An attribute as text; empty when it is absent or not known. */
export function text(resource: TerraformResource | undefined, attribute: string): string {
  const value = resource?.values[attribute];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Whether what a reference leads to is known: then it is not why an expression with it is unknown. */
export function isKnown(reference: Resolution): boolean {
  if (reference.kind !== 'resource') return reference.kind === 'constant';
  const values = reference.path === '' ? [] : attributeValues(reference.resource, reference.path);
  return values.length > 0 && values.every(({ kind }) => kind === 'known');
}
