import { type AddressPart, type InstanceKey, parseAddress, splitModules } from './address';
import { Configuration, type Resolution } from './references';
import { isPlan, type TerraformDocument, type TerraformModule } from './terraform-json';

/** One resource of `terraform show -json`. */
export interface TerraformResource {
  /** With its modules and keys: `module.m["a"].aws_sqs_queue.q[0]`. */
  readonly address: string;
  readonly type: string;
  readonly mode: 'managed' | 'data';
  /** The modules that it is in, outermost first. */
  readonly modules: readonly AddressPart[];
  readonly key?: InstanceKey;
  /** What is known of its attributes. */
  readonly values: Readonly<Record<string, unknown>>;
  /** In the form of the values: `true` stands for what is known only after apply. */
  readonly unknown: Readonly<Record<string, unknown>>;
  /** Its configuration, as far as the JSON has it: attributes and blocks with constants and references. */
  readonly expressions: Readonly<Record<string, unknown>>;
  /** Whether the JSON has its configuration: without, nothing is said of what is not set in it. */
  readonly isConfigured: boolean;
  /** What an expression of its configuration refers to, through modules, variables and outputs. */
  readonly resolve: (expression: unknown) => readonly Resolution[];
  /** Of the configuration of its provider, where that tells it. */
  readonly provider: ProviderConfiguration;
}

/** What the configuration of a provider says about where its resources are. */
export interface ProviderConfiguration {
  readonly region?: string;
  readonly account?: string;
}

/** A resource as the JSON has it, before its configuration is looked at. */
interface RawResource {
  readonly address: string;
  readonly type: string;
  readonly mode?: string;
  readonly index?: InstanceKey | null;
  readonly values?: Readonly<Record<string, unknown>> | null;
}

/**
 * The resources of a state, or those that a plan leads to.
 *
 * @example resourcesOf(parseTerraformDocument(json, 'plan.json')).map(({ address }) => address);
 */
export function resourcesOf(document: TerraformDocument): TerraformResource[] {
  if (!isPlan(document)) return resourcesIn(document, flatten(document.values?.root_module), new Map());
  const planned = flatten(document.planned_values?.root_module);
  // A plan lists the data sources that were read in the state that it starts from.
  const data = flatten(document.prior_state?.values?.root_module).filter(({ mode }) => mode === 'data');
  const changes = document.resource_changes ?? [];
  const changed = changes.flatMap(({ change, ...resource }): RawResource[] => (isObject(change.after) ? [{ ...resource, values: change.after }] : []));
  const unknown = new Map(changes.map(({ address, change }) => [address, isObject(change.after_unknown) ? change.after_unknown : {}]));
  return resourcesIn(document, [...planned, ...data, ...changed], unknown);
}

/** The resources before a plan is applied. */
export function resourcesBefore(document: TerraformDocument): TerraformResource[] {
  const changed = (document.resource_changes ?? []).flatMap(({ change, ...resource }): RawResource[] =>
    isObject(change.before) ? [{ ...resource, values: change.before }] : [],
  );
  return resourcesIn(document, [...flatten(document.prior_state?.values?.root_module), ...changed], new Map());
}

function resourcesIn(
  document: TerraformDocument,
  all: readonly RawResource[],
  unknown: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): TerraformResource[] {
  const first = new Map<string, RawResource>();
  for (const resource of all) if (!first.has(resource.address)) first.set(resource.address, resource);
  const resources: TerraformResource[] = [];
  const configuration = new Configuration(document, resources);
  for (const { address, type, mode = 'managed', index, values } of first.values()) {
    if (mode !== 'managed' && mode !== 'data') continue;
    const { modules, rest } = splitModules(parseAddress(address));
    const key = index ?? rest.at(-1)?.key;
    const configured = configuration.resource(modules, rest, key);
    resources.push({ address, type, mode, modules, key, values: values ?? {}, unknown: unknown.get(address) ?? {}, ...configured });
  }
  return resources;
}

function flatten(module: TerraformModule | null | undefined): RawResource[] {
  return [...(module?.resources ?? []), ...(module?.child_modules ?? []).flatMap(flatten)];
}

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
