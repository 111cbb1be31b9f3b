import { accountOf, formatArn, lastSegment, type Policy, type Principal, parseArn } from '../../../evaluator/index';
import type { AccountContext, IamContext } from '../account-context';
import type { Entity, Group, ManagedPolicy, MfaDevice, Role, User } from './entities';
import { missing } from './refusals';

/** What IAM keeps: users, groups, roles, policies, access keys and MFA devices. */
export class IamStore implements IamContext {
  readonly roles = new Map<string, Role>();
  readonly users = new Map<string, User>();
  readonly groups = new Map<string, Group>();
  /** By ARN. */
  readonly managed = new Map<string, ManagedPolicy>();
  /** By serial number. */
  readonly mfaDevices = new Map<string, MfaDevice>();
  generation = 0;

  constructor(readonly account: AccountContext) {}

  /** ARN of something in IAM, which has no region. */
  arn(type: 'role' | 'user' | 'group' | 'policy' | 'mfa' | 'instance-profile', path: string, name: string): string {
    return this.iamArn(`${type}${path}${name}`);
  }

  /** ARN of the account's root user. */
  rootArn(): string {
    return this.iamArn('root');
  }

  private iamArn(resource: string): string {
    const { partition, accountId: account } = this.account;
    return formatArn({ partition, service: 'iam', region: '', account, resource });
  }

  arnOf(entity: Entity): string {
    const type = this.roles.get(entity.name) === entity ? 'role' : this.groups.get(entity.name) === entity ? 'group' : 'user';
    return this.arn(type, entity.path, entity.name);
  }

  role(name: string): Role {
    return this.roles.get(name) ?? missing('role', name);
  }

  user(name: string): User {
    return this.users.get(name) ?? missing('user', name);
  }

  group(name: string): Group {
    return this.groups.get(name) ?? missing('group', name);
  }

  isLocal(arn: string): boolean {
    const parsed = parseArn(arn);
    return parsed?.service === 'iam' && parsed.account === this.account.accountId && /^(role|user)\//.test(parsed.resource);
  }

  uniqueIdOf(arn: string): string | undefined {
    const name = lastSegment(arn);
    const entity = parseArn(arn)?.resource.startsWith('role/') ? this.roles.get(name) : this.users.get(name);
    return entity && this.arnOf(entity) === arn ? entity.id : undefined;
  }

  /** The identity policies of a caller, and the boundary where it has one. */
  policiesOf(principal: Principal): { readonly identity: readonly Policy[] } {
    if (accountOf(principal.arn) !== this.account.accountId) return { identity: [] };
    const name = principal.name ?? '';
    const role = principal.kind === 'session' || principal.kind === 'role' ? this.roles.get(name) : undefined;
    if (role) return { identity: this.ownPolicies(role) };
    const user = principal.kind === 'user' ? this.users.get(name) : undefined;
    if (!user) return { identity: [] };
    return { identity: [...this.ownPolicies(user), ...[...user.groups].flatMap((group) => this.ownPolicies(this.group(group)))] };
  }

  private ownPolicies(entity: Entity): Policy[] {
    const attached = [...entity.attached].map((arn) => {
      const policy = this.managed.get(arn);
      return policy?.versions.find((version) => version.id === policy.defaultVersion)?.document.policy;
    });
    return [...[...entity.inline.values()].map((document) => document.policy), ...attached.filter((policy) => policy !== undefined)];
  }
}
