import type { TerraformDocument } from '../../../access/graph/terraform-json';

/** A value that is kept whole. */
const WHOLE = Symbol('whole');

/**
 * What of a JSON value is kept: the value whole; of an object the members that are named; of a list, or of an object whose
 * names are free, the same of each (`each`).
 */
type Kept = typeof WHOLE | { readonly each: Kept } | { readonly members: Readonly<Record<string, Kept>> };

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

/** A resource of a state, or of what a plan leads to. */
const RESOURCE = { members: { ...IDENTITY, values: WHOLE, depends_on: WHOLE } } as const;

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
const KEPT: KeptOf<TerraformDocument> = {
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
};

/** Resources of the providers of AWS; of others, type and address are enough to say what they are. */
const AWS_TYPE = /^aws(cc)?_/;

/**
 * Leaves a value that is complete out of what holds it, unless it is kept.
 *
 * @param path the members and positions that lead to it from the top
 * @param holder the object or list that has it under the last part of the path; of a list it is the last item
 */
export function keepOrRemove(value: unknown, path: readonly (string | number)[], holder: unknown[] | Record<string, unknown>): void {
  const kept = keptAt(path);
  const last = path.at(-1);
  if (kept === undefined && Array.isArray(holder)) holder.pop();
  else if (kept === undefined) Reflect.deleteProperty(holder, String(last));
  else if (kept === RESOURCE && isOfOtherProvider(value)) value.values = {};
}

function keptAt(path: readonly (string | number)[]): Kept | undefined {
  let kept: Kept | undefined = KEPT;
  for (const member of path) {
    if (kept === undefined || kept === WHOLE) return kept;
    if ('each' in kept) kept = kept.each;
    // Not by access alone: `constructor` and its like are no members that are kept.
    else kept = Object.hasOwn(kept.members, member) ? kept.members[member] : undefined;
  }
  return kept;
}

function isOfOtherProvider(resource: unknown): resource is { values: unknown } {
  return typeof resource === 'object' && resource !== null && 'values' in resource && 'type' in resource && !AWS_TYPE.test(String(resource.type));
}
