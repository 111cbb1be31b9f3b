import type { TerraformDocument } from '../../../access/graph/terraform-json';

/** A value that is kept whole. */
const WHOLE = Symbol('whole');

/**
 * What of a JSON value is kept: the value whole; of an object the members that are named; of a list, or of an object whose
 * names are free, the same of each (`each`).
 */
type Kept = typeof WHOLE | { readonly each: Kept } | KeptMembers;

interface KeptMembers {
  readonly members: Readonly<Record<string, Kept>>;
}

/** What a type declares as read, so that nothing that is read can be forgotten here. */
type KeptOf<Value> =
  | typeof WHOLE
  | (Value extends readonly (infer Element)[]
      ? { readonly each: KeptOf<Element> }
      : string extends keyof Value
        ? { readonly each: KeptOf<Value[string & keyof Value]> }
        : { readonly members: { readonly [Member in keyof Value]-?: KeptOf<NonNullable<Value[Member]>> } & Readonly<Record<string, Kept>> });

/** The members that tell which resource it is, in states and in changes. */
const IDENTITY = {
  address: WHOLE,
  previous_address: WHOLE,
  module_address: WHOLE,
  mode: WHOLE,
  type: WHOLE,
  name: WHOLE,
  index: WHOLE,
  provider_name: WHOLE,
  deposed: WHOLE,
  deposed_key: WHOLE,
} as const;

type Module = NonNullable<NonNullable<TerraformDocument['values']>['root_module']>;
type Resource = NonNullable<Module['resources']>[number];

/** A resource of a state, or of what a plan leads to. */
const RESOURCE: KeptMembers & KeptOf<Resource> = { members: { ...IDENTITY, values: WHOLE, depends_on: WHOLE } };

const MODULE: KeptOf<Module> = {
  members: {
    address: WHOLE,
    resources: { each: RESOURCE },
    get child_modules(): { readonly each: KeptOf<Module> } {
      return { each: MODULE };
    },
  },
};

const VALUES: KeptOf<NonNullable<TerraformDocument['values']>> = { members: { root_module: MODULE, outputs: WHOLE } };

/**
 * What is kept of `terraform show -json`. Left out: what changes hold a second time (`before`, `after`), what of it is sensitive,
 * drift that the prior state has already, results of checks, and members that Terraform has yet to invent.
 *
 * Source: https://developer.hashicorp.com/terraform/internals/json-format
 */
export const KEPT = {
  members: {
    format_version: WHOLE,
    terraform_version: WHOLE,
    errored: WHOLE,
    values: VALUES,
    planned_values: VALUES,
    prior_state: { members: { values: VALUES } },
    resource_changes: { each: { members: { ...IDENTITY, change: { members: { actions: WHOLE, after_unknown: WHOLE } } } } },
    output_changes: { each: { members: { actions: WHOLE } } },
    configuration: WHOLE,
    variables: WHOLE,
  },
} as const satisfies KeptOf<TerraformDocument>;

/** Resources of the providers of AWS; of others, type and address are enough to say what they are. */
const AWS_TYPE = /^aws(cc)?_/;

type Holder = unknown[] | Record<string, unknown>;

/**
 * Leaves what is not kept out of a value that is complete. What is in a value that is left out is removed at once, so that it
 * takes no memory however long it is.
 *
 * @param path the members and positions that lead to it from the top
 * @param holder the object or list that has it under the last part of the path; of a list it is the last item
 */
export function leaveOut(value: unknown, path: readonly (string | number)[], holder: Holder): void {
  const kept = keptAt(path, path.length);
  if (kept === WHOLE) return;
  if (kept === undefined) {
    if (keptAt(path, path.length - 1) === undefined) remove(holder, path.at(-1));
  } else if ('members' in kept) replace(holder, path.at(-1), reducedTo(kept, value));
}

/**
 * The members of an object that are kept; a list has none. A new object: one of which members are deleted takes several times
 * the memory.
 */
export function reducedTo(kept: KeptMembers, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return [];
  const reduced: Record<string, unknown> = {};
  for (const member in value) if (Object.hasOwn(kept.members, member)) reduced[member] = Reflect.get(value, member);
  return kept === RESOURCE && 'values' in reduced && 'type' in reduced && !AWS_TYPE.test(String(reduced.type)) ? { ...reduced, values: {} } : reduced;
}

/** What is kept of the value that the first parts of a path lead to; nothing when it is left out. */
function keptAt(path: readonly (string | number)[], length: number): Kept | undefined {
  let kept: Kept | undefined = KEPT;
  for (let level = 0; level < length && kept !== undefined && kept !== WHOLE; level++) {
    const member = path[level] ?? '';
    if ('each' in kept) kept = kept.each;
    // Not by access alone: `constructor` and its like are no members that are kept.
    else kept = Object.hasOwn(kept.members, member) ? kept.members[member] : undefined;
  }
  return kept;
}

function remove(holder: Holder, last: string | number | undefined): void {
  if (Array.isArray(holder)) holder.pop();
  else Reflect.deleteProperty(holder, String(last));
}

function replace(holder: Holder, last: string | number | undefined, value: unknown): void {
  if (Array.isArray(holder)) holder[holder.length - 1] = value;
  // Not by assignment: a member may be called __proto__.
  else Object.defineProperty(holder, String(last), { value, enumerable: true, writable: true, configurable: true });
}
