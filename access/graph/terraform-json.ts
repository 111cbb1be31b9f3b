/** One resource of `terraform show -json`. */
export interface TerraformResource {
  readonly address: string;
  readonly type: string;
  readonly mode: 'managed' | 'data';
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of attributes that are known only after apply. */
  readonly unknown: ReadonlySet<string>;
  /** Addresses that an attribute's configuration refers to. */
  readonly references: Readonly<Record<string, readonly string[]>>;
}

/** What a plan does to one resource. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly actions: readonly string[];
}

/** The output of `terraform show -json` of a state or a plan, as far as it is read. */
export interface TerraformDocument {
  readonly values?: { readonly root_module?: Module };
  readonly planned_values?: { readonly root_module?: Module };
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  readonly prior_state?: { readonly values?: { readonly root_module?: Module } };
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly type: string;
    readonly mode: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly after_unknown?: Readonly<Record<string, unknown>>;
    };
  }[];
  readonly configuration?: {
    readonly root_module?: {
      readonly resources?: readonly {
        readonly address: string;
        readonly expressions?: Readonly<Record<string, { readonly references?: readonly string[] }>>;
      }[];
    };
  };
}

interface Module {
  readonly resources?: readonly {
    readonly address: string;
    readonly type: string;
    readonly mode: 'managed' | 'data';
    readonly values: Readonly<Record<string, unknown>>;
  }[];
  readonly child_modules?: readonly Module[];
}

/** Whether the document is a plan rather than a state. */
export const isPlan = (document: TerraformDocument) => document.planned_values !== undefined || document.resource_changes !== undefined;

/** The resources of a state, or those that a plan leads to. */
export function resourcesOf(document: TerraformDocument): TerraformResource[] {
  const known = isPlan(document) ? { ...document.planned_values } : { ...document.values };
  const changes = new Map((document.resource_changes ?? []).map(({ address, change }) => [address, change]));
  const configured = new Map((document.configuration?.root_module?.resources ?? []).map(({ address, expressions = {} }) => [address, expressions]));
  // A plan lists the data sources that were read in the state that it starts from.
  const data = isPlan(document) ? flatten(document.prior_state?.values?.root_module).filter(({ mode }) => mode === 'data') : [];
  return [...flatten(known.root_module), ...data].map((resource) => ({
    ...resource,
    unknown: new Set(
      Object.entries(changes.get(resource.address)?.after_unknown ?? {})
        .filter(([, value]) => value === true)
        .map(([name]) => name),
    ),
    references: Object.fromEntries(Object.entries(configured.get(resource.address) ?? {}).map(([name, expression]) => [name, expression?.references ?? []])),
  }));
}

/** The resources before a plan is applied. */
export function resourcesBefore(document: TerraformDocument): TerraformResource[] {
  return flatten(document.prior_state?.values?.root_module).map((resource) => ({ ...resource, unknown: new Set(), references: {} }));
}

/** What a plan changes. */
export function changesOf(document: TerraformDocument): ResourceChange[] {
  return (document.resource_changes ?? [])
    .filter(({ mode }) => mode === 'managed')
    .map(({ address, type, change }) => ({ address, type, actions: change.actions }));
}

function flatten(module: Module | undefined): NonNullable<Module['resources']> {
  return [...(module?.resources ?? []), ...(module?.child_modules ?? []).flatMap(flatten)];
}
