import { z } from 'zod';
import { UNKNOWN } from '../../evaluator/unknown';
import type { ResourceGraph } from './graph';
import { heldPolicy, type IdentifiedPolicy, policyTextOf } from './held-policy';
import type { Report } from './identity-policies';
import { withImpliedResource } from './implied-resource';
import type { KeyReferences } from './key-references';
import { type Kind, kindOf } from './kinds/kinds';
import { append } from './lists';
import type { ResourceNames } from './names';
import { type PermissionForm, policyOfPermissions } from './permission-statements';
import { restrictedPolicy } from './public-access-block';
import type { TerraformResource } from './terraform-resource';

interface Permission {
  readonly resource: TerraformResource;
  readonly form: PermissionForm;
}

/** A policy of what is in no file, known by its ARN alone. */
export interface OutsidePolicy {
  readonly resource: TerraformResource;
  readonly arn: string;
  readonly text: string;
}

const DOCUMENT = z.looseObject({ Statement: z.unknown() });

/** The policies of resources, in an attribute of theirs or in resources of their own. */
export class ResourcePolicies {
  /** Policies of what is in no file. */
  readonly outside: OutsidePolicy[] = [];
  private readonly separate = new Map<TerraformResource, { readonly resource: TerraformResource; readonly attribute: string }[]>();
  /** Buckets whose policy lets in nobody else while it is public. */
  private readonly restricted = new Set<TerraformResource>();
  private readonly permissions = new Map<TerraformResource, Permission[]>();
  private readonly ofService = new Map<string, { readonly resource: TerraformResource; readonly attribute: string }[]>();

  constructor(
    private readonly graph: ResourceGraph,
    private readonly names: ResourceNames,
    private readonly keys: KeyReferences,
    private readonly report: Report,
  ) {
    for (const { resource, kind } of graph.doing('resource policy')) this.readPolicy(resource, kind);
    for (const { resource, kind } of graph.doing('permission')) this.readPermission(resource, kind);
    for (const { resource, kind } of graph.doing('limit')) {
      if (kind.attribute === undefined || resource.values[kind.attribute] !== true) continue;
      for (const target of this.targets(resource, kind.of, undefined)) if (typeof target !== 'string') this.restricted.add(target);
    }
    for (const { resource, kind } of graph.doing('service policy')) {
      for (const type of kind.types) append(this.ofService, `${type} ${graph.regionOf(resource)}`, { resource, attribute: kind.policy.attribute });
    }
  }

  /** The policy of a resource, with what limits it; nothing without. */
  of(resource: TerraformResource): IdentifiedPolicy | undefined {
    const own = this.policyOf(resource);
    const arn = this.graph.arnOf(resource);
    const policy = own && { ...own, text: withImpliedResource(resource.type, own.text, arn) };
    const kind = kindOf(resource.type);
    if (policy === undefined || kind?.does !== 'resource' || !this.restricted.has(resource)) return policy;
    const parts = kind.parts.map((template) => this.graph.fill(template, resource, arn));
    return { ...policy, text: restrictedPolicy(policy.text, resource.provider.account ?? this.graph.location.account, [arn, ...parts]) };
  }

  private policyOf(resource: TerraformResource): IdentifiedPolicy | undefined {
    const kind = kindOf(resource.type);
    if (!kind || !('noun' in kind)) return undefined;
    const own = 'policy' in kind ? kind.policy : undefined;
    const id = `${kind.noun}/${this.names.of(resource)}`;
    const holders = this.separate.get(resource) ?? [];
    const permissions = this.permissions.get(resource) ?? [];
    const service = this.ofService.get(`${resource.type} ${this.graph.regionOf(resource)}`) ?? [];
    const policyKind = own?.kind ?? 'resource';
    const parts = [
      ...[...holders, ...service].map((holder) => heldPolicy(holder.resource, holder.attribute, id, policyKind, this.textOf(holder))),
      ...(permissions.length > 0
        ? [heldPolicy(resource, 'permissions', id, 'resource', policyOfPermissions(this.graph, permissions, this.graph.arnOf(resource)))]
        : []),
    ];
    if (holders.length > 1) {
      this.report(
        resource,
        `it has several policies, of which the last that is applied counts: ${holders.map((holder) => holder.resource.address).join(', ')}`,
      );
    }
    const [first, ...others] = parts;
    if (first) return others.length === 0 ? first : { ...first, text: holders.length > 1 ? UNKNOWN : merged(parts) };
    const text = own && policyTextOf(this.graph, resource, own.attribute);
    if (own && text !== undefined) return heldPolicy(resource, own.attribute, id, own.kind, text);
    return own?.default ? heldPolicy(resource, own.attribute, id, own.kind, this.delegating()) : undefined;
  }

  private readPolicy(resource: TerraformResource, { of, policy, absent }: Extract<Kind, { does: 'resource policy' }>): void {
    const holder = { resource, attribute: policy.attribute };
    for (const target of this.targets(resource, of, absent)) {
      if (typeof target === 'string') this.outside.push({ resource, arn: target, text: this.textOf(holder) });
      else append(this.separate, target, holder);
    }
  }

  private readPermission(resource: TerraformResource, { of, form, absent }: Extract<Kind, { does: 'permission' }>): void {
    for (const target of this.targets(resource, of, absent)) {
      if (typeof target !== 'string') append(this.permissions, target, { resource, form });
      else this.outside.push({ resource, arn: target, text: policyOfPermissions(this.graph, [{ resource, form }], target) });
    }
  }

  /** Whose policy it is: a resource, or an ARN of what is in no file. */
  private targets(resource: TerraformResource, path: string, absent: string | undefined): (TerraformResource | string)[] {
    const key = this.keys.keyOf(resource, path);
    if (key) return [key];
    const isProtected = (type: string) => ['resource', 'key'].includes(kindOf(type)?.does ?? '');
    const targets = this.graph.targets(resource, path, isProtected);
    if (targets.length === 0 && absent !== undefined) return [this.graph.fill(absent, resource)];
    if (targets.length === 0) this.report(resource, `its ${path} is not in the JSON, so whose policy it is is not known`);
    return targets.flatMap((target): (TerraformResource | string)[] => {
      if (target.kind === 'resource') return [target.resource];
      if (target.kind === 'named' && absent !== undefined && target.value === 'default') return [this.graph.fill(absent, resource)];
      this.report(
        resource,
        target.kind === 'named' ? `${target.value} is in no file: give the plan or state that has it` : `whose policy it is: ${target.reason}`,
      );
      return target.kind === 'named' && target.value.startsWith('arn:') ? [target.value] : [];
    });
  }

  private textOf({ resource, attribute }: { readonly resource: TerraformResource; readonly attribute: string }): string {
    return policyTextOf(this.graph, resource, attribute) ?? UNKNOWN;
  }

  /**
   * The policy of a key for which none is given.
   * Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
   */
  private delegating(): string {
    const { partition, account } = this.graph.location;
    const Principal = { AWS: `arn:${partition}:iam::${account}:root` };
    const statement = { Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' };
    return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  }
}

/** One document with the statements of several; UNKNOWN when one of them is not known. A Sid that stands twice is left out. */
function merged(policies: readonly IdentifiedPolicy[]): string {
  const sids = new Set<unknown>();
  const statements: unknown[] = [];
  let version: unknown;
  for (const { text } of policies) {
    const document = text.includes(UNKNOWN) ? undefined : DOCUMENT.safeParse(parsed(text)).data;
    // Documents of several versions read policy variables differently.
    if (document === undefined || (version !== undefined && version !== (document.Version ?? ''))) return UNKNOWN;
    version = document.Version ?? '';
    for (const statement of [document.Statement].flat()) {
      const { Sid, ...rest } = z.looseObject({ Sid: z.unknown() }).safeParse(statement).data ?? {};
      statements.push(Sid === undefined || sids.has(Sid) ? rest : { Sid, ...rest });
      sids.add(Sid);
    }
  }
  return JSON.stringify({ ...(version === '' ? {} : { Version: version }), Statement: statements });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
