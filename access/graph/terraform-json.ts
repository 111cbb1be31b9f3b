import { z } from 'zod';
import { DeploymentError } from './deployment-error';

const members = z.record(z.string(), z.unknown());
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish();
const index = z.union([z.string(), z.number()]).nullish();

/** One resource in a state, or in what a plan leads to. Deposed objects and resources of failed plans have no values. */
const RESOURCE = z.object({
  address: z.string(),
  type: z.string(),
  /** `managed` where it is not there. */
  mode: z.string().optional(),
  name: z.string().optional(),
  index,
  values: members.nullish(),
});

const MODULE = z.object({
  resources: list(RESOURCE),
  get child_modules() {
    return z.array(MODULE).nullish();
  },
});

const ROOT = z.object({ root_module: MODULE.nullish() });

const CHANGE = z.object({
  address: z.string(),
  type: z.string(),
  mode: z.string().optional(),
  name: z.string().optional(),
  index,
  change: z.object({
    actions: z.array(z.string()),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    after_unknown: z.unknown().optional(),
  }),
});

const VARIABLES = z.record(z.string(), z.object({ default: z.unknown().optional() })).nullish();

const CONFIGURED_RESOURCE = z.object({
  address: z.string(),
  /** Key of `provider_config`. */
  provider_config_key: z.string().nullish(),
  expressions: members.nullish(),
  for_each_expression: z.unknown().optional(),
  count_expression: z.unknown().optional(),
});

const CONFIGURED_MODULE = z.object({
  resources: list(CONFIGURED_RESOURCE),
  variables: VARIABLES,
  outputs: z.record(z.string(), z.object({ expression: z.unknown().optional() })).nullish(),
  get module_calls() {
    return z.record(z.string(), MODULE_CALL).nullish();
  },
});

const MODULE_CALL = z.object({
  expressions: members.nullish(),
  for_each_expression: z.unknown().optional(),
  get module(): z.ZodOptional<z.ZodNullable<typeof CONFIGURED_MODULE>> {
    return CONFIGURED_MODULE.nullish();
  },
});

const CONFIGURATION = z.object({
  root_module: CONFIGURED_MODULE.nullish(),
  provider_config: z
    .record(z.string(), z.object({ name: z.string().nullish(), module_address: z.string().nullish(), expressions: members.nullish() }))
    .nullish(),
});

/**
 * The output of `terraform show -json` of a state or a plan, as far as it is read; what else it holds is dropped.
 * Source: https://developer.hashicorp.com/terraform/internals/json-format
 */
const DOCUMENT = z.object({
  /** A later major version may mean something else by the same members; before Terraform 1.1 it was 0. */
  format_version: z
    .string()
    .regex(/^[01]\.\d+$/, 'a version of the format that is not known: 0 and 1 are')
    .optional(),
  errored: z.literal(false, 'the plan ended with an error, so it does not tell of everything').nullish(),
  complete: z.literal(true, 'the plan is not complete, so it does not tell of everything: plan again after it is applied').nullish(),
  deferred_changes: z.array(z.unknown()).max(0, 'changes that are deferred are not told: plan again after the others are applied').nullish(),
  action_invocations: z.array(z.unknown()).max(0, 'actions that a plan invokes are not supported').nullish(),
  /** What `terraform providers schema` and `terraform validate` print has a format version too. */
  provider_schemas: z.undefined('these are schemas of providers').optional(),
  valid: z.undefined('this is the result of a validation').optional(),
  values: ROOT.nullish(),
  planned_values: ROOT.nullish(),
  prior_state: z.object({ values: ROOT.nullish() }).nullish(),
  resource_changes: list(CHANGE),
  output_changes: z.record(z.string(), z.object({ actions: z.array(z.string()) })).nullish(),
  variables: z.record(z.string(), z.object({ value: z.unknown().optional() })).nullish(),
  configuration: CONFIGURATION.nullish(),
});

export type TerraformDocument = z.infer<typeof DOCUMENT>;
export type TerraformModule = z.infer<typeof MODULE>;
export type ConfiguredModule = z.infer<typeof CONFIGURED_MODULE>;
export type ConfiguredResource = z.infer<typeof CONFIGURED_RESOURCE>;
export type ModuleCall = z.infer<typeof MODULE_CALL>;

/** What a plan does to one resource. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly actions: readonly string[];
}

/**
 * Reads Terraform's JSON of a state or a plan. Members that nobody reads may have any shape.
 *
 * @param name how errors call it: a file
 * @throws DeploymentError when it is none, or a member that is read has another shape; it names the member
 * @example
 * const plan = parseTerraformDocument(JSON.parse(readFileSync('plan.json', 'utf8')), 'plan.json');
 */
export function parseTerraformDocument(json: unknown, name: string): TerraformDocument {
  const read = DOCUMENT.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    throw new DeploymentError(`${name} is not the JSON of a Terraform plan or state that can be read: ${where}${issue?.message}`, {
      cause: read.error,
    });
  }
  const { format_version: format, values, planned_values: planned, resource_changes: changes } = read.data;
  if (format === undefined && values === undefined && planned === undefined && changes === undefined) {
    throw new DeploymentError(`${name} is not the JSON of a Terraform plan or state: make it by terraform show -json`);
  }
  return read.data;
}

/** Whether the document is a plan rather than a state. */
export const isPlan = (document: TerraformDocument) => document.planned_values != null || document.resource_changes != null;

/** What a plan changes. */
export function changesOf(document: TerraformDocument): ResourceChange[] {
  return (document.resource_changes ?? [])
    .filter(({ mode = 'managed' }) => mode === 'managed')
    .map(({ address, type, change }) => ({ address, type, actions: change.actions }));
}
