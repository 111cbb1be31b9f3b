import { RELATIONS } from './compare';
import { blocksOf, recordOf } from './resource-type';
import { type AttributeSchema, type BlockSchema, isSet, type NestedBlockSchema } from './schema/schema';
import { hasUnknown, isZero, sameValue, UNKNOWN, type Values } from './values';

/** What a plan needs of the provider's configuration. */
export interface PlanDefaults {
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
}

/** The planned state, and the attributes whose change replaces the resource. */
export interface Planned {
  readonly state: Values;
  readonly replace: readonly string[];
}

/**
 * Plans one resource by its schema: defaults, computed values, differences that are none, and changes that replace. A
 * change of what `recomputed` names is not known before it is made.
 *
 * Source: docs/resource-instance-change-lifecycle.md in hashicorp/terraform (PlanResourceChange).
 *
 * @throws ValueError when a block is no list of objects
 * @example
 * planChange(schema, null, { name: 'people' }, { region: 'eu-west-1', defaultTags: {} }, () => []);
 * // { state: { name: 'people', arn: UNKNOWN, … }, replace: [] }
 */
export function planChange(
  schema: BlockSchema,
  prior: Values | null,
  config: Values,
  defaults: PlanDefaults,
  recomputed: (changed: ReadonlySet<string>) => readonly string[],
): Planned {
  const state = planBlock(schema, prior, config);
  if (schema.attributes.region?.mode === 'optional+computed') state.region = config.region ?? defaults.region;
  if (schema.attributes.tags_all) state.tags_all = allTags(config.tags, defaults.defaultTags);
  if (prior === null) return { state, replace: [] };
  const changed = changes(schema, prior, state);
  const replace = [...changed].filter((name) => (schema.attributes[name] ?? schema.blocks?.[name])?.force_new);
  if (changed.size > 0) for (const name of recomputed(changed)) state[name] = UNKNOWN;
  return { state, replace };
}

/** The names of attributes and blocks that differ. */
export function changes(schema: BlockSchema, prior: Values, planned: Values): Set<string> {
  const attributes = Object.entries(schema.attributes).filter(([name, attribute]) => !sameValue(prior[name], planned[name], isSet(attribute)));
  const blocks = Object.entries(schema.blocks ?? {}).filter(([name, block]) => !sameValue(prior[name], planned[name], block.nesting === 'set'));
  return new Set([...attributes, ...blocks].map(([name]) => name));
}

/** Keeps what the state says where the real value is no difference from it. */
export function reconcile(schema: BlockSchema, known: Values, read: Values): Values {
  const merged: Record<string, unknown> = { ...known, ...read };
  for (const [name, attribute] of Object.entries(schema.attributes)) {
    const before = known[name];
    const now = merged[name] ?? null;
    const keep = (attribute.compare_on_refresh ?? false) && isSame(attribute, before, now);
    merged[name] = keep ? (before ?? null) : now === UNKNOWN ? null : now;
  }
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    const now = merged[name];
    if (Array.isArray(now)) {
      const before = Array.isArray(known[name]) ? blocksOf(known, name) : [];
      merged[name] = now.map((nested, index) => complete(block, reconcile(block, block.nesting === 'list' ? (before[index] ?? {}) : {}, recordOf(nested))));
    } else if (block.nesting !== 'single') merged[name] = [];
  }
  return complete(schema, merged);
}

/** All members of a block are there, null where nothing is known. */
function complete(schema: BlockSchema, values: Values): Values {
  const names = [...Object.keys(schema.attributes), ...Object.keys(schema.blocks ?? {})];
  return Object.fromEntries(names.map((name) => [name, values[name] ?? (schema.blocks?.[name] && schema.blocks[name]?.nesting !== 'single' ? [] : null)]));
}

function planBlock(schema: BlockSchema, prior: Values | null, config: Values): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(schema.attributes)) state[name] = planAttribute(attribute, prior?.[name], config[name], prior !== null);
  for (const [name, block] of Object.entries(schema.blocks ?? {})) state[name] = planNested(block, prior?.[name], config[name]);
  return state;
}

function planAttribute(attribute: AttributeSchema, before: unknown, given: unknown, exists: boolean): unknown {
  if (given === null || given === undefined) {
    if (attribute.mode.endsWith('computed')) return exists ? (before ?? null) : UNKNOWN;
    if (attribute.default !== undefined) return attribute.default;
    return exists && isZero(before) ? (before ?? null) : null;
  }
  if (exists && isSame(attribute, before, given)) return before;
  if (attribute.normalize?.startsWith('compact JSON') && typeof given === 'string') return compact(given);
  return given;
}

function planNested(block: NestedBlockSchema, before: unknown, given: unknown): unknown {
  if (block.nesting === 'single' || !Array.isArray(given)) return given ?? null;
  const known = Array.isArray(before) ? before.map(recordOf) : [];
  if (given.length === 0) return block.computed ? known : [];
  // Elements of a list keep their place, so what is computed in them stays; elements of a set have none.
  return given.map((nested, index) => planBlock(block, block.nesting === 'list' ? (known[index] ?? null) : null, recordOf(nested)));
}

function isSame(attribute: AttributeSchema, before: unknown, given: unknown): boolean {
  if (sameValue(before, given, isSet(attribute))) return true;
  const relation = RELATIONS[attribute.compare ?? ''];
  return relation !== undefined && typeof before === 'string' && typeof given === 'string' && relation(before, given);
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

function allTags(tags: unknown, defaults: Readonly<Record<string, string>>): unknown {
  return hasUnknown(tags) ? UNKNOWN : { ...defaults, ...recordOf(tags) };
}
