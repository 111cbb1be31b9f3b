import { z } from 'zod';
import { UNKNOWN } from '../../evaluator/unknown';
import { text } from './attributes';
import type { ResourceGraph, Target } from './graph';
import { heldPolicy, type IdentifiedPolicy, policyTextOf } from './held-policy';
import { type Kind, kindOf } from './kinds/kinds';
import { append } from './lists';
import type { ManagedPolicies } from './managed-policies';
import { isObject, type TerraformResource } from './terraform-resource';

/** Says that something could not be read: access to it is undetermined. */
export type Report = (resource: TerraformResource, reason: string) => void;

const INLINE = z.object({ name: z.string().nullish(), policy: z.string().nullish() });
type Owner = 'role' | 'user' | 'group';

/** The policies of roles, users and groups, wherever they are written. */
export class IdentityPolicies {
  private readonly attached = new Map<TerraformResource, IdentifiedPolicy[]>();
  private readonly inline = new Map<TerraformResource, IdentifiedPolicy[]>();

  constructor(
    private readonly graph: ResourceGraph,
    private readonly managed: ManagedPolicies,
    private readonly report: Report,
  ) {
    for (const { resource, kind } of graph.doing('attachment')) this.readAttachment(resource, kind);
    for (const { resource, kind } of graph.doing('inline policy')) this.readInline(resource, kind);
    for (const { resource, kind } of graph.doing('inline policy names')) this.readNames(resource, kind);
  }

  /** The policies of a role, user or group itself, not those of a user's groups. */
  of(identity: TerraformResource): IdentifiedPolicy[] {
    const attached = this.attached.get(identity) ?? [];
    const inline = this.inline.get(identity) ?? [];
    const added = (known: readonly IdentifiedPolicy[], own: readonly IdentifiedPolicy[]) => own.filter(({ id }) => !known.some((other) => other.id === id));
    const all = [...attached, ...added(attached, this.ownAttached(identity)), ...inline, ...added(inline, this.ownInline(identity))];
    return [...new Map(all.map((policy) => [policy.id, policy])).values()];
  }

  /** The permissions boundary; nothing without. */
  boundaryOf(identity: TerraformResource): IdentifiedPolicy | undefined {
    const kind = kindOf(identity.type);
    const path = kind && 'boundary' in kind ? kind.boundary : undefined;
    const [target] = path === undefined ? [] : this.graph.targets(identity, path, isManagedPolicy);
    return target && path !== undefined ? this.policyOf(identity, path, target) : undefined;
  }

  private readAttachment(resource: TerraformResource, { owners, policies }: Extract<Kind, { does: 'attachment' }>): void {
    const targets = this.graph.targets(resource, policies, isManagedPolicy);
    if (targets.length === 0 && owners.length > 0) this.report(resource, `its ${policies} is not in the JSON, so what it attaches is not known`);
    for (const target of targets) {
      const isList = targets.length > 1;
      const attribute = isList && target.kind === 'named' ? `${policies} ${target.value}` : policies;
      const policy = this.policyOf(resource, attribute, target);
      for (const owner of this.ownersOf(resource, owners)) append(this.attached, owner, policy);
    }
  }

  private readInline(resource: TerraformResource, { owner, policy }: Extract<Kind, { does: 'inline policy' }>): void {
    for (const identity of this.ownersOf(resource, [owner])) {
      const name = text(resource, 'name') || resource.address;
      const held = policyTextOf(this.graph, resource, policy.attribute);
      if (held === undefined) this.report(resource, `its ${policy.attribute} is not in the JSON`);
      append(this.inline, identity, heldPolicy(resource, policy.attribute, `${owner}/${this.nameOf(identity)}/${name}`, policy.kind, held ?? UNKNOWN));
    }
  }

  /** Inline policies that an identity has, but that are in no file. */
  private readNames(resource: TerraformResource, { owner, names }: Extract<Kind, { does: 'inline policy names' }>): void {
    for (const identity of this.ownersOf(resource, [owner])) {
      const known = new Set([...(this.inline.get(identity) ?? []), ...this.ownInline(identity)].map(({ id }) => id));
      for (const target of this.graph.targets(resource, names, () => false)) {
        const id = `${ownerOf(owner)}/${this.nameOf(identity)}/${target.kind === 'named' ? target.value : resource.address}`;
        if (known.has(id)) continue;
        if (target.kind === 'unknown' && known.size > 0) continue;
        this.report(resource, `the inline policy ${id.split('/').slice(2).join('/')} of ${identity.address} is in no file: give the plan or state that has it`);
        append(this.inline, identity, heldPolicy(resource, names, id, 'identity', UNKNOWN));
      }
    }
  }

  private ownersOf(resource: TerraformResource, paths: readonly string[]): TerraformResource[] {
    const targets = paths.flatMap((path) => this.graph.targets(resource, path, isOwner(ownerOf(path))).map((target) => ({ path, target })));
    if (targets.length === 0) this.report(resource, `its ${paths.join(', ')} is not in the JSON, so whose policy it is is not known`);
    return targets.flatMap(({ path, target }) => {
      if (target.kind === 'resource') return [target.resource];
      const reason =
        target.kind === 'named' ? `the ${ownerOf(path)} ${target.value} is in no file: give the plan or state that has it` : `its ${path}: ${target.reason}`;
      this.report(resource, reason);
      return [];
    });
  }

  /** What a role itself lists as attached. */
  private ownAttached(identity: TerraformResource): IdentifiedPolicy[] {
    const kind = kindOf(identity.type);
    if (kind?.does !== 'role') return [];
    return this.graph
      .targets(identity, kind.managed, isManagedPolicy)
      .filter((target) => target.kind !== 'unknown' || identity.expressions[kind.managed] !== undefined || !identity.isConfigured)
      .map((target) => this.policyOf(identity, target.kind === 'named' ? `${kind.managed} ${target.value}` : kind.managed, target));
  }

  /** The policies in blocks of a role itself. */
  private ownInline(identity: TerraformResource): IdentifiedPolicy[] {
    const kind = kindOf(identity.type);
    if (kind?.does !== 'role') return [];
    const { values, unknown, expressions, isConfigured } = identity;
    const policy = (name: string, document: string) =>
      heldPolicy(identity, `${kind.inline} ${name}`, `role/${this.nameOf(identity)}/${name}`, 'identity', document);
    const isUnset = isConfigured && expressions[kind.inline] === undefined;
    if (unknown[kind.inline] === true) return isUnset ? [] : [policy('', UNKNOWN)];
    const unknowns = Array.isArray(unknown[kind.inline]) ? (unknown[kind.inline] as readonly unknown[]) : [];
    return [values[kind.inline] ?? []].flat().flatMap((block, index) => {
      const { name, policy: document } = INLINE.safeParse(block).data ?? {};
      const isUnknown = holdsUnknown(unknowns[index]);
      if (!document && !isUnknown) return [];
      return [policy(name ?? '', isUnknown || !document ? UNKNOWN : document)];
    });
  }

  /** A managed policy. One that is not written out in the JSON may allow anything. */
  private policyOf(holder: TerraformResource, attribute: string, target: Target): IdentifiedPolicy {
    if (target.kind === 'resource') return this.managedPolicy(target.resource);
    if (target.kind === 'unknown') {
      this.report(holder, `its ${attribute}: ${target.reason}`);
      return heldPolicy(holder, attribute, `managed/${holder.address}`, 'identity', UNKNOWN);
    }
    const { value: arn } = target;
    const data = this.graph.all.find(({ mode, type, values }) => mode === 'data' && type === 'aws_iam_policy' && values.arn === arn);
    const document = (data && text(data, 'policy')) || this.managed(arn);
    if (document === undefined) this.report(holder, `the policy ${arn} is in no file: give the plan or state that has it`);
    return heldPolicy(holder, attribute, `managed/${arn}`, 'identity', document ?? UNKNOWN);
  }

  private managedPolicy(resource: TerraformResource): IdentifiedPolicy {
    const document = policyTextOf(this.graph, resource, 'policy');
    if (document === undefined) this.report(resource, 'its policy is not in the JSON');
    return heldPolicy(resource, 'policy', `managed/${this.nameOf(resource)}`, 'identity', document ?? UNKNOWN);
  }

  private nameOf(resource: TerraformResource): string {
    return text(resource, 'name') || resource.address;
  }
}

const isManagedPolicy = (type: string) => kindOf(type)?.does === 'managed policy';
const isOwner = (owner: Owner) => (type: string) => kindOf(type)?.does === owner;

/** Whose name an attribute holds: `roles`, `role_name` and `role` name roles. */
function ownerOf(path: string): Owner {
  if (path.startsWith('role')) return 'role';
  return path.startsWith('user') ? 'user' : 'group';
}

const holdsUnknown = (value: unknown): boolean => value === true || (isObject(value) && Object.values(value).some(holdsUnknown));
