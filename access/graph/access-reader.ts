import type { ProtectedResource } from '../model/access-model';
import { aclReasons } from './acl';
import { attributeValues } from './attributes';
import { grantOf } from './grants';
import type { ResourceGraph } from './graph';
import { IdentityPolicies, type Report } from './identity-policies';
import { KeyReferences } from './key-references';
import { isAwsType, type Kind, kindOf, reasonWithoutAccess } from './kinds/kinds';
import { append } from './lists';
import { awsManagedPolicies, type ManagedPolicies } from './managed-policies';
import { Memberships } from './memberships';
import { ResourceNames } from './names';
import { ResourcePolicies } from './resource-policies';
import type { TerraformResource } from './terraform-resource';

/** What the graph's resources mean to access, part by part. */
export class AccessReader {
  readonly undetermined: { readonly address: string; readonly reason: string }[] = [];
  private readonly reported = new Set<string>();
  private readonly report: Report = ({ address }, reason) => {
    const known = this.reported.size;
    if (this.reported.add(`${address} ${reason}`).size > known) this.undetermined.push({ address, reason });
  };
  readonly keys: KeyReferences;
  readonly names: ResourceNames;
  readonly identityPolicies: IdentityPolicies;
  readonly resourcePolicies: ResourcePolicies;
  readonly memberships: Memberships;
  private readonly encryption = new Map<TerraformResource, { readonly resource: TerraformResource; readonly kind: Extract<Kind, { does: 'encryption' }> }[]>();
  private readonly grants = new Map<TerraformResource, TerraformResource[]>();

  /** @param managed the texts of the policies that AWS manages */
  constructor(
    readonly graph: ResourceGraph,
    managed: ManagedPolicies = awsManagedPolicies,
  ) {
    this.keys = new KeyReferences(graph, this.report);
    this.names = new ResourceNames(graph, this.keys);
    this.identityPolicies = new IdentityPolicies(graph, managed, this.report);
    this.resourcePolicies = new ResourcePolicies(graph, this.names, this.keys, this.report);
    this.memberships = new Memberships(graph, this.report);
    for (const encryption of graph.doing('encryption')) {
      const target = this.targetOf(encryption.resource, encryption.kind.of);
      if (target) append(this.encryption, target, encryption);
      else this.report(encryption.resource, `its ${encryption.kind.of} is in no file: give the plan or state that has it`);
    }
    for (const { resource, kind } of graph.doing('grant')) {
      const key = this.keys.keyOf(resource, kind.of);
      if (key) append(this.grants, key, resource);
    }
  }

  /** The ARNs of the keys of a resource, by its own attributes and by resources that only say how it is encrypted. */
  keysOf(resource: TerraformResource): string[] {
    const kind = kindOf(resource.type);
    if (kind?.does !== 'resource') return [];
    const separate = (this.encryption.get(resource) ?? []).flatMap(({ resource: by, kind: { keys, defaultKey } }) => this.keys.of(by, keys, defaultKey));
    if (separate.length > 0) return [...new Set(separate)];
    const { keysUnless } = kind;
    const isOff =
      keysUnless && attributeValues(resource, keysUnless.attribute).some((value) => value.kind === 'known' && String(value.value) === keysUnless.equals);
    return isOff ? [] : this.keys.of(resource, kind.keys, kind.defaultKey);
  }

  /** The grants of a key; what one gives that is not clear yet is reported. */
  grantsOf(key: TerraformResource): ProtectedResource['grants'] {
    const arn = this.graph.arnOf(key);
    return (this.grants.get(key) ?? []).flatMap((resource) => grantOf(this.graph, resource, arn) ?? []);
  }

  /** Says of every resource what is not read of it. */
  reportUnread(): void {
    for (const resource of this.graph.of()) {
      const { type } = resource;
      const kind = kindOf(type);
      if (!kind && reasonWithoutAccess(type) === undefined) {
        this.report(resource, isAwsType(type) ? `resources of the type ${type} are not supported` : `resources of the provider of ${type} are not supported`);
      }
      if (kind?.does === 'resource') this.reportParts(resource, kind);
      if (kind?.does === 'acl') for (const reason of aclReasons(resource, kind.acl)) this.report(resource, reason);
      if (kind?.does === 'grant') this.reportGrant(resource, kind.of);
      if (kind && 'name' in kind && kind.does !== 'key' && this.names.of(resource) === resource.address && resource.address !== '') {
        this.report(resource, 'its name is known only after apply, so patterns of names in policies may match it or not');
      }
    }
  }

  private reportParts(resource: TerraformResource, { acl, unread, note }: { acl: readonly string[]; unread: readonly string[]; note?: string }): void {
    for (const reason of aclReasons(resource, acl)) this.report(resource, reason);
    for (const path of unread) if (isSet(resource, path)) this.report(resource, `its ${path} is not read`);
    if (note !== undefined) this.report(resource, note);
  }

  private reportGrant(resource: TerraformResource, of: string): void {
    const key = this.keys.keyOf(resource, of);
    if (key === undefined) this.report(resource, 'its key is in no file: give the plan or state that has it');
    if (grantOf(this.graph, resource, '') === undefined) this.report(resource, 'what it gives to whom is known only after apply');
  }

  private targetOf(resource: TerraformResource, path: string): TerraformResource | undefined {
    const [target] = this.graph.targets(resource, path, (type) => kindOf(type)?.does === 'resource');
    return target?.kind === 'resource' ? target.resource : undefined;
  }
}

const isSet = (resource: TerraformResource, path: string) =>
  attributeValues(resource, path).some((value) => value.kind === 'known' && !(Array.isArray(value.value) && value.value.length === 0));
