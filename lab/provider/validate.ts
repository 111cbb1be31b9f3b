import { blocksOf } from './resource-type';
import type { AttributeSchema, BlockSchema } from './schema/schema';
import { hasUnknown, isZero, type Values } from './values';

/** A problem in a configuration, at an attribute such as `redrive_policy`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * Checks a configuration against the rules of the schema data, and refuses by name what the lab does not model.
 *
 * @param supported paths of attributes and blocks that may be set, e.g. `server_side_encryption.enabled`
 * @throws ValueError when a block is no list of objects
 * @example
 * validateConfig('aws_sqs_queue', schema, { fifo_queue: true }, new Set(['name']));
 * // [{ path: 'fifo_queue', message: 'The lab does not model aws_sqs_queue.fifo_queue' }]
 */
export function validateConfig(type: string, schema: BlockSchema, config: Values, supported: ReadonlySet<string>): Problem[] {
  return [...walk(type, schema, config, supported, '')];
}

function* walk(type: string, schema: BlockSchema, config: Values, supported: ReadonlySet<string>, prefix: string): Generator<Problem> {
  const isGiven = (name: string) => config[name] !== null && config[name] !== undefined && !(Array.isArray(config[name]) && config[name].length === 0);
  for (const [name, attribute] of Object.entries(schema.attributes)) {
    if (!isGiven(name)) continue;
    const path = prefix + name;
    const value = config[name];
    if (!supported.has(path)) {
      // Saying what holds anyway asks for nothing.
      if (!sameAsDefault(attribute, value)) yield { path, message: `The lab does not model ${type}.${path}` };
      continue;
    }
    const others = (names: readonly string[] | undefined) => (names ?? []).filter((other) => other !== name);
    const conflict = others(attribute.conflicts_with).find(isGiven);
    if (conflict) yield { path, message: `"${path}": conflicts with ${conflict}` };
    const missing = others(attribute.required_with).find((other) => !isGiven(other));
    if (missing) yield { path, message: `"${path}": all of \`${missing},${name}\` must be specified` };
    const message = hasUnknown(value) ? undefined : broken(attribute.validate, value);
    if (message) yield { path, message: `expected ${path} to be ${message}, got ${JSON.stringify(value)}` };
  }
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    if (!isGiven(name) || block.nesting === 'single') continue;
    const path = prefix + name;
    if (!supported.has(path)) yield { path, message: `The lab does not model ${type}.${path}` };
    else for (const nested of blocksOf(config, name)) yield* walk(type, block, nested, supported, `${path}.`);
  }
}

function sameAsDefault(attribute: AttributeSchema, value: unknown): boolean {
  return attribute.default === undefined ? isZero(value) : value === attribute.default;
}

/** What a value should have been, for the rules that the data states in a fixed form. */
function broken(rule: string | undefined, value: unknown): string | undefined {
  if (rule === undefined) return undefined;
  const range = /^integer (-?\d+)\.\.(-?\d+)$/.exec(rule);
  if (range && !(Number.isInteger(value) && Number(value) >= Number(range[1]) && Number(value) <= Number(range[2])))
    return `in the range (${range[1]} - ${range[2]})`;
  const least = /^integer >= (-?\d+)$/.exec(rule);
  if (least && !(Number(value) >= Number(least[1]))) return `at least (${least[1]})`;
  const choice = /^(?:one of |enum \w+: )([\w.,|-]+)$/.exec(rule);
  const choices = choice?.[1]?.split(/[|,]/);
  if (choices && !choices.includes(String(value))) return `one of [${choices.join(' ')}]`;
  const length = /^length (\d+)\.\.(\d+)(?:[;,]|$)/.exec(rule);
  const size = typeof value === 'string' ? value.length : undefined;
  if (length && size !== undefined && (size < Number(length[1]) || size > Number(length[2]))) return `of a length in the range (${length[1]} - ${length[2]})`;
  if (/^(valid JSON|non-empty JSON object text)/.test(rule) && !isJsonObject(value)) return 'valid JSON';
  return undefined;
}

function isJsonObject(value: unknown): boolean {
  if (value === '') return true;
  try {
    return typeof JSON.parse(String(value)) === 'object';
  } catch {
    return false;
  }
}
