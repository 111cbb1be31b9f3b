import { z } from 'zod';
import archive from './archive.json';
import aws from './aws.json';

/** An attribute as the schema data describes it. */
export interface AttributeSchema {
  /** Terraform's JSON type syntax. */
  readonly type: unknown;
  readonly mode: 'required' | 'optional' | 'computed' | 'optional+computed';
  readonly default?: unknown;
  readonly force_new?: boolean;
  readonly conflicts_with?: readonly string[];
  readonly required_with?: readonly string[];
  readonly exactly_one_of?: readonly string[];
  readonly validate?: string;
  readonly validate_element?: string;
  /** The relation under which two values are no difference. */
  readonly compare?: string;
  readonly compare_on_refresh?: boolean;
  readonly normalize?: string;
}

/** Attributes and nested blocks. */
export interface BlockSchema {
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
  readonly blocks?: Readonly<Record<string, NestedBlockSchema>>;
}

/** A nested block. */
export interface NestedBlockSchema extends BlockSchema {
  readonly nesting: 'single' | 'list' | 'set';
  readonly min_items?: number;
  readonly max_items?: number;
  /** Without such a block in the configuration the known content stays. */
  readonly computed?: boolean;
  readonly force_new?: boolean;
}

/** The schema of one resource type or data source. */
export interface TypeSchema extends BlockSchema {
  readonly impl?: string | null;
  readonly schema_version: number;
}

/** Everything a provider has. */
export interface ProviderSchema {
  readonly version: string;
  readonly provider: BlockSchema;
  readonly resources: Readonly<Record<string, TypeSchema>>;
  readonly data_sources: Readonly<Record<string, TypeSchema>>;
}

const names = z.array(z.string()).optional();
const attributeSchema: z.ZodType<AttributeSchema> = z.object({
  type: z.unknown(),
  mode: z.enum(['required', 'optional', 'computed', 'optional+computed']),
  default: z.unknown().optional(),
  force_new: z.boolean().optional(),
  conflicts_with: names,
  required_with: names,
  exactly_one_of: names,
  validate: z.string().optional(),
  validate_element: z.string().optional(),
  compare: z.string().optional(),
  compare_on_refresh: z.boolean().optional(),
  normalize: z.string().optional(),
});
const block = {
  attributes: z.record(z.string(), attributeSchema),
  blocks: z.lazy(() => z.record(z.string(), nestedBlockSchema)).optional(),
};
const nestedBlockSchema: z.ZodType<NestedBlockSchema> = z.object({
  ...block,
  nesting: z.enum(['single', 'list', 'set']),
  min_items: z.number().optional(),
  max_items: z.number().optional(),
  computed: z.boolean().optional(),
  force_new: z.boolean().optional(),
});
const typeSchema: z.ZodType<TypeSchema> = z.object({ ...block, impl: z.string().nullish(), schema_version: z.number() });
const providerSchema: z.ZodType<ProviderSchema> = z.object({
  version: z.string(),
  provider: z.object(block),
  resources: z.record(z.string(), typeSchema),
  data_sources: z.record(z.string(), typeSchema),
});

/** The real schemas of hashicorp/aws, of the types that the lab models. */
export const AWS = providerSchema.parse(aws);
/** The real schemas of hashicorp/archive. */
export const ARCHIVE = providerSchema.parse(archive);

/** Whether an attribute is a set, whose order does not matter. */
export function isSet(attribute: AttributeSchema): boolean {
  return Array.isArray(attribute.type) && attribute.type[0] === 'set';
}

/** A schema as the plugin protocol carries it. Source: message `Schema` of docs/plugin-protocol/tfplugin5.proto. */
export function toProtocol(schema: BlockSchema, version = 0): object {
  return { version, block: toBlock(schema) };
}

function toBlock(schema: BlockSchema): object {
  return {
    attributes: Object.entries(schema.attributes).map(([name, { type, mode }]) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      required: mode === 'required',
      optional: mode.startsWith('optional'),
      computed: mode.endsWith('computed'),
    })),
    block_types: Object.entries(schema.blocks ?? {}).map(([name, block]) => ({
      type_name: name,
      nesting: block.nesting.toUpperCase(),
      min_items: block.min_items ?? 0,
      max_items: block.nesting === 'single' ? 0 : (block.max_items ?? 0),
      block: toBlock(block),
    })),
  };
}
