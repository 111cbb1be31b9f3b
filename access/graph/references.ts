import { z } from 'zod';
import { type AddressPart, formatAddress, type InstanceKey, moduleAddress, parseAddress } from './address';
import { append } from './lists';
import type { ConfiguredModule, ConfiguredResource, ModuleCall, TerraformDocument } from './terraform-json';
import type { ProviderConfiguration, TerraformResource } from './terraform-resource';

/** What a reference of the configuration leads to. */
export type Resolution =
  | { readonly kind: 'constant'; readonly value: unknown }
  /** An attribute of a resource; the path is empty where the whole resource is meant. */
  | { readonly kind: 'resource'; readonly resource: TerraformResource; readonly path: string }
  /** Locals, which the JSON does not show, resources that are not there, functions of the file system … */
  | { readonly kind: 'unresolved'; readonly reference: string };

/** A module instance. */
interface Scope {
  readonly modules: readonly AddressPart[];
  readonly configuration: ConfiguredModule | undefined;
  /** How it is called, and from where; nothing for the root module. */
  readonly caller?: { readonly scope: Scope; readonly call: ModuleCall };
}

/** Whose expression is resolved: what `each` and `count` mean in it. */
interface Owner {
  readonly key?: InstanceKey;
  readonly forEach?: unknown;
}

const EXPRESSION = z.object({ constant_value: z.unknown().optional(), references: z.array(z.string()).nullish() });
const CONSTANT = z.object({ constant_value: z.unknown() });
const REGION = z.object({ constant_value: z.string() });
const ACCOUNTS = z.array(z.string()).length(1);
/** Deeper than any configuration of people; a cycle, which Terraform refuses, ends here. */
const DEPTH = 40;
const OWN_KEY = /^(each\.key|count\.index)$/;

/** The configuration of a plan: what the attributes of its resources refer to. A state has none. */
export class Configuration {
  private readonly configured = new Map<ConfiguredModule, ReadonlyMap<string, ConfiguredResource>>();
  private byBase: Map<string, TerraformResource[]> | undefined;

  /** @param resources those of the same document; they may be added later, but before anything is resolved */
  constructor(
    private readonly document: TerraformDocument,
    private readonly resources: readonly TerraformResource[],
  ) {}

  /** The configuration of one resource instance. */
  resource(
    modules: readonly AddressPart[],
    rest: readonly AddressPart[],
    key: InstanceKey | undefined,
  ): Pick<TerraformResource, 'expressions' | 'isConfigured' | 'resolve' | 'provider'> {
    const scope = this.scopeOf(modules);
    const address = rest.map(({ name }) => name).join('.');
    const configured = scope.configuration && this.configuredIn(scope.configuration).get(address);
    const owner: Owner = { key, forEach: configured?.for_each_expression };
    return {
      expressions: configured?.expressions ?? {},
      isConfigured: configured !== undefined,
      resolve: (expression) => this.resolve(expression, scope, owner, 0),
      provider: this.providerOf(configured),
    };
  }

  private configuredIn(module: ConfiguredModule): ReadonlyMap<string, ConfiguredResource> {
    let configured = this.configured.get(module);
    if (configured === undefined) {
      configured = new Map((module.resources ?? []).map((resource) => [resource.address, resource]));
      this.configured.set(module, configured);
    }
    return configured;
  }

  private scopeOf(modules: readonly AddressPart[]): Scope {
    const last = modules.at(-1);
    if (last === undefined) return { modules, configuration: this.document.configuration?.root_module ?? undefined };
    return childScope(this.scopeOf(modules.slice(0, -1)), last);
  }

  private providerOf(resource: ConfiguredResource | undefined): ProviderConfiguration {
    const provider = this.document.configuration?.provider_config?.[resource?.provider_config_key ?? ''];
    if (!provider?.expressions) return {};
    const scope = this.scopeOf(provider.module_address ? parseAddress(provider.module_address).filter(({ name }) => name !== 'module') : []);
    const textOf = (expression: unknown) => {
      const [only, ...more] = this.resolve(expression, scope, {}, 0);
      return only?.kind === 'constant' && more.length === 0 ? only.value : undefined;
    };
    const { region, allowed_account_ids: allowed, assume_role: assumed } = provider.expressions;
    const roleArn = [assumed]
      .flat()
      .map((block) => (typeof block === 'object' && block !== null && 'role_arn' in block ? textOf(block.role_arn) : undefined))[0];
    return {
      region: REGION.shape.constant_value.safeParse(textOf(region)).data,
      account: /^arn:[^:]+:iam::(\d{12}):/.exec(String(roleArn))?.[1] ?? ACCOUNTS.safeParse(textOf(allowed)).data?.[0],
    };
  }

  private resolve(expression: unknown, scope: Scope, owner: Owner, depth: number): readonly Resolution[] {
    const constant = CONSTANT.safeParse(expression);
    if (constant.success && constant.data.constant_value !== undefined) return [{ kind: 'constant', value: constant.data.constant_value }];
    const references = mostSpecific(EXPRESSION.safeParse(expression).data?.references ?? []);
    if (depth > DEPTH) return references.map(unresolved);
    const others = references.filter((reference) => !OWN_KEY.test(reference));
    const isKeyed = others.length < references.length;
    if (others.length === 0 && isKeyed) return owner.key === undefined ? references.map(unresolved) : [{ kind: 'constant', value: owner.key }];
    return others.flatMap((reference) => this.resolveReference(reference, scope, isKeyed ? owner : { forEach: owner.forEach }, owner, depth + 1));
  }

  /** @param narrow picks the instance with the same key, where the expression holds `each.key` or `count.index` beside the reference */
  private resolveReference(reference: string, scope: Scope, narrow: Owner, owner: Owner, depth: number): readonly Resolution[] {
    const parts = parseAddress(reference);
    const [first, second] = parts;
    if (first === undefined || second === undefined) return [unresolved(reference)];
    if (first.name === 'var') return this.variable(second, parts.slice(2), scope, reference, depth);
    if (first.name === 'each' && second.name === 'value' && owner.forEach !== undefined) {
      const all = this.resolve(owner.forEach, scope, {}, depth).filter((each) => each.kind === 'resource' && each.resource.key === owner.key);
      return all.length > 0 ? all.map((each) => within(each, parts.slice(2))) : [unresolved(reference)];
    }
    if (first.name === 'module') return this.output(second, parts.slice(2), scope, { reference, narrow }, depth);
    if (['local', 'path', 'terraform', 'self', 'each', 'count'].includes(first.name)) return [unresolved(reference)];
    const length = first.name === 'data' ? 3 : 2;
    const instances = this.instances(scope, parts.slice(0, length), narrow);
    if (instances.length === 0) return [unresolved(reference)];
    const path = parts
      .slice(length)
      .map(({ name }) => name)
      .join('.');
    return instances.map((resource) => ({ kind: 'resource', resource, path }));
  }

  private instances(scope: Scope, parts: readonly AddressPart[], narrow: Owner): readonly TerraformResource[] {
    if (this.byBase === undefined) {
      this.byBase = new Map();
      for (const resource of this.resources) append(this.byBase, baseOf(resource.modules, resource.address), resource);
    }
    const names = parts.map(({ name }) => name).join('.');
    const all = this.byBase.get(`${moduleAddress(scope.modules)} ${names}`) ?? [];
    const key = parts.at(-1)?.key ?? (all.length > 1 ? narrow.key : undefined);
    return key === undefined ? all : all.filter((resource) => resource.key === key);
  }

  private variable({ name }: AddressPart, rest: readonly AddressPart[], scope: Scope, reference: string, depth: number): readonly Resolution[] {
    if (scope.caller) {
      const { call, scope: outer } = scope.caller;
      const passed = call.expressions?.[name];
      if (passed !== undefined) {
        const owner = { key: scope.modules.at(-1)?.key, forEach: call.for_each_expression };
        return this.resolve(passed, outer, owner, depth).map((each) => within(each, rest));
      }
    } else {
      const given = this.document.variables?.[name]?.value;
      if (given !== undefined) return [within({ kind: 'constant', value: given }, rest)];
    }
    const standard = scope.configuration?.variables?.[name]?.default;
    return standard === undefined ? [unresolved(reference)] : [within({ kind: 'constant', value: standard }, rest)];
  }

  private output(
    module: AddressPart,
    [output, ...rest]: readonly AddressPart[],
    scope: Scope,
    { reference, narrow }: { readonly reference: string; readonly narrow: Owner },
    depth: number,
  ): readonly Resolution[] {
    const resolved = this.moduleKeys(scope, module, narrow).flatMap((key) => {
      const child = childScope(scope, { name: module.name, key });
      const expression = output && child.configuration?.outputs?.[output.name]?.expression;
      return expression === undefined ? [] : this.resolve(expression, child, {}, depth).map((each) => within(each, rest));
    });
    return resolved.length > 0 ? resolved : [unresolved(reference)];
  }

  /** The keys of the instances of a module that a reference means. */
  private moduleKeys(scope: Scope, { name, key }: AddressPart, narrow: Owner): readonly (InstanceKey | undefined)[] {
    if (key !== undefined) return [key];
    const depth = scope.modules.length;
    const prefix = moduleAddress(scope.modules);
    const keys = new Set(
      this.resources
        .filter(({ modules }) => modules[depth]?.name === name && moduleAddress(modules.slice(0, depth)) === prefix)
        .map(({ modules }) => modules[depth]?.key),
    );
    if (keys.size > 1 && narrow.key !== undefined) return keys.has(narrow.key) ? [narrow.key] : [];
    return keys.size > 0 ? [...keys] : [undefined];
  }
}

const unresolved = (reference: string): Resolution => ({ kind: 'unresolved', reference });

/** The address of a resource without the key of its own. */
function baseOf(modules: readonly AddressPart[], address: string): string {
  const parts = parseAddress(address).slice(modules.length * 2);
  return `${moduleAddress(modules)} ${parts.map(({ name }) => name).join('.')}`;
}

function childScope(scope: Scope, part: AddressPart): Scope {
  const call = scope.configuration?.module_calls?.[part.name];
  return { modules: [...scope.modules, part], configuration: call?.module ?? undefined, caller: call && { scope, call } };
}

/** What a resolution means followed by more of a path: `var.queue.arn` where the variable is a whole queue. */
function within(resolution: Resolution, rest: readonly AddressPart[]): Resolution {
  if (rest.length === 0 || resolution.kind === 'unresolved') return resolution;
  if (resolution.kind === 'resource') return { ...resolution, path: [resolution.path, ...rest.map(({ name }) => name)].filter(Boolean).join('.') };
  let value: unknown = resolution.value;
  for (const { name, key } of rest) {
    value = memberOf(value, name);
    if (key !== undefined) value = memberOf(value, key);
  }
  return value === undefined ? unresolved(formatAddress(rest)) : { kind: 'constant', value };
}

const memberOf = (value: unknown, key: InstanceKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<InstanceKey, unknown>)[key] : undefined;

/** Terraform lists `aws_x.y.arn`, and `aws_x.y` as well: the reference that says most counts. */
function mostSpecific(references: readonly string[]): readonly string[] {
  return [...new Set(references)].filter((reference) => !references.some((other) => other.startsWith(`${reference}.`) || other.startsWith(`${reference}[`)));
}
