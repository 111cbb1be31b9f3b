import type { TerraformDocument } from '../../../access/graph/terraform-json';
import type { SharedStrings } from './shared-strings';

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
type Change = NonNullable<TerraformDocument['resource_changes']>[number];

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

/** What a plan does to a resource. Its values stand here alone where the prior state or the planned values do not have it. */
const CHANGE: KeptMembers & KeptOf<Change> = {
  members: { ...IDENTITY, change: { members: { actions: WHOLE, before: WHOLE, after: WHOLE, after_unknown: WHOLE } } },
};

/**
 * What is kept of `terraform show -json`. Left out: what of it is sensitive, drift that the prior state has already, results of
 * checks, and members that Terraform has yet to invent.
 *
 * Source: https://developer.hashicorp.com/terraform/internals/json-format
 */
export const KEPT = {
  members: {
    format_version: WHOLE,
    terraform_version: WHOLE,
    errored: WHOLE,
    complete: WHOLE,
    deferred_changes: WHOLE,
    action_invocations: WHOLE,
    provider_schemas: WHOLE,
    valid: WHOLE,
    values: VALUES,
    planned_values: VALUES,
    prior_state: { members: { values: VALUES } },
    resource_changes: { each: CHANGE },
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
 * @param strings those of the resources before
 */
export function leaveOut(value: unknown, path: readonly (string | number)[], holder: Holder, strings: SharedStrings): void {
  const kept = keptAt(path, path.length);
  if (kept === WHOLE) return;
  if (kept === undefined) {
    if (keptAt(path, path.length - 1) === undefined) remove(holder, path.at(-1));
  } else if ('members' in kept) {
    const reduced = reducedTo(kept, value);
    replace(holder, path.at(-1), kept === RESOURCE || kept === CHANGE ? strings.share(reduced) : reduced);
  }
}

/**
 * The members of an object that are kept; a list has none. A new object: one of which members are deleted takes several times
 * the memory.
 */
export function reducedTo(kept: KeptMembers, value: unknown): unknown {
  if (!isObject(value)) return Array.isArray(value) ? [] : value;
  const reduced: Record<string, unknown> = {};
  for (const member in value) if (Object.hasOwn(kept.members, member)) reduced[member] = value[member];
  const isOfOtherProvider = 'type' in reduced && !AWS_TYPE.test(String(reduced.type));
  return isOfOtherProvider ? withoutValues(kept, reduced) : reduced;
}

/** A resource, or a change of one, without its attributes. */
function withoutValues(kept: KeptMembers, reduced: Readonly<Record<string, unknown>>): unknown {
  if (kept === RESOURCE && 'values' in reduced) return { ...reduced, values: {} };
  if (kept !== CHANGE || !isObject(reduced.change)) return reduced;
  const { before: _before, after: _after, ...change } = reduced.change;
  return { ...reduced, change };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

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
