import { z } from 'zod';
import type { TerraformDocument } from '../../../access/graph/terraform-json';
import { UserError } from '../../shared/user-error';

const text = z.string();

/** A resource whose values nobody knows yet, or that has none, has no `values`. */
const RESOURCE = z.looseObject({
  address: text,
  type: text,
  mode: z.enum(['managed', 'data']),
  values: z
    .record(text, z.unknown())
    .nullish()
    .transform((values) => values ?? {}),
});

const MODULE = z.looseObject({
  resources: z.array(RESOURCE).optional(),
  get child_modules() {
    return z.array(MODULE).optional();
  },
});

const VALUES = z.looseObject({ root_module: MODULE.optional() });

const CHANGE = z.looseObject({
  address: text,
  type: text,
  mode: text,
  change: z.looseObject({
    actions: z.array(text),
    /** Of a resource that is destroyed it is false: there is nothing to know. */
    after_unknown: z
      .union([z.record(text, z.unknown()), z.literal(false)])
      .nullish()
      .transform((unknown) => unknown || undefined),
  }),
});

/** Blocks stand in lists, attributes in objects that name what they refer to. */
const EXPRESSION = z.custom<{ readonly references?: readonly string[] }>(
  (value) => typeof value === 'object' && value !== null && (!('references' in value) || Array.isArray(value.references)),
  'not an expression',
);

const CONFIGURATION = z.looseObject({
  root_module: z
    .looseObject({ resources: z.array(z.looseObject({ address: text, expressions: z.record(text, EXPRESSION).optional() })).optional() })
    .optional(),
});

/**
 * What `terraform show -json` prints, as far as it is read. A major version later than 1 may mean something else by the same
 * members, so it is refused; before Terraform 1.1 it was 0.
 *
 * Source: https://developer.hashicorp.com/terraform/internals/json-format
 */
const DOCUMENT = z.looseObject({
  format_version: z
    .string()
    .regex(/^[01]\.\d+$/, 'a version of the format that is not known: 0 and 1 are')
    .optional(),
  errored: z.literal(false, 'the plan ended with an error, so it does not tell of everything').optional(),
  values: VALUES.optional(),
  planned_values: VALUES.optional(),
  prior_state: z.looseObject({ values: VALUES.optional() }).optional(),
  resource_changes: z.array(CHANGE).optional(),
  output_changes: z.record(text, z.looseObject({ actions: z.array(text) })).optional(),
  configuration: CONFIGURATION.optional(),
});

/**
 * Takes JSON for a plan or a state of Terraform.
 *
 * @param source how errors call it
 * @throws UserError when it is something else, or a plan that is not whole
 */
export function asTerraformDocument(json: unknown, source: string): TerraformDocument {
  if (!isOfTerraform(json)) throw new UserError(`${source} is not the JSON of a Terraform plan or state: make it by terraform show -json`);
  const read = DOCUMENT.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UserError(`${source} is not the JSON of a Terraform plan or state that can be read: ${issue?.path.join('.')}: ${issue?.message}`);
}

const isOfTerraform = (json: unknown) =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && ('format_version' in json || 'values' in json || 'planned_values' in json);
