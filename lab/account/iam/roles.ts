import type {
  AttachedPolicy,
  AttachRolePolicyRequest,
  CreateRoleRequest,
  DeleteRolePolicyRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  PutRolePolicyRequest,
  Role as RoleOutput,
  TagRoleRequest,
  UntagRoleRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { StoredPolicy } from '../stored-policy';
import { fromTags, toTags } from '../tags';
import { type Role, uniqueId } from './entities';
import type { IamStore } from './iam-store';
import { deleteInline, inlineText, putInline } from './inline';
import { inUse, missing, taken } from './refusals';

const operation = operationsOf('iam');

interface RoleNamed {
  RoleName: string | undefined;
}

/** Operations on roles. */
export function roleOperations(iam: IamStore) {
  const find = (input: RoleNamed) => iam.role(String(input.RoleName));
  const target = (input: RoleNamed) => {
    const known = iam.roles.get(String(input.RoleName));
    return { resource: iam.arn('role', known?.path ?? '/', String(input.RoleName)) };
  };
  const trust = (name: string, text: string) =>
    new StoredPolicy(iam, `trust of ${name}`, text, 'trust', () => new ServiceError('MalformedPolicyDocument', 'Invalid principal in policy'));
  const describe = (role: Role): RoleOutput => ({
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: iam.arnOf(role),
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encodeURIComponent(role.trust.text()),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    Tags: fromTags(role.tags),
  });
  return {
    CreateRole: operation<CreateRoleRequest, { Role: RoleOutput }>('CreateRole', {
      event: 'write',
      target: (input) => ({ resource: iam.arn('role', input.Path ?? '/', String(input.RoleName)) }),
      run: (input) => {
        if (input.PermissionsBoundary !== undefined) throw notModelled('permissions boundaries');
        const name = String(input.RoleName);
        if (iam.roles.has(name)) taken('Role', name);
        const role: Role = {
          name,
          path: input.Path ?? '/',
          id: uniqueId('AROA'),
          createdAt: iam.account.clock.date(),
          trust: trust(name, String(input.AssumeRolePolicyDocument)),
          description: input.Description ?? '',
          maxSessionSeconds: input.MaxSessionDuration ?? 3600,
          inline: new Map(),
          attached: new Set(),
          tags: toTags(input.Tags),
        };
        iam.roles.set(name, role);
        iam.generation += 1;
        return { Role: describe(role) };
      },
    }),
    GetRole: operation<RoleNamed, { Role: RoleOutput }>('GetRole', { event: 'read', target, run: (input) => ({ Role: describe(find(input)) }) }),
    ListRoles: operation<Record<string, never>, { Roles: RoleOutput[]; IsTruncated: boolean }>('ListRoles', {
      event: 'read',
      target: () => ({ resource: iam.arn('role', '/', '*') }),
      run: () => ({ Roles: [...iam.roles.values()].map(describe), IsTruncated: false }),
    }),
    UpdateRole: operation<UpdateRoleRequest, object>('UpdateRole', {
      event: 'write',
      target,
      run: (input) => {
        const role = find(input);
        if (input.Description !== undefined) role.description = input.Description;
        if (input.MaxSessionDuration !== undefined) role.maxSessionSeconds = input.MaxSessionDuration;
        return {};
      },
    }),
    UpdateAssumeRolePolicy: operation<UpdateAssumeRolePolicyRequest, object>('UpdateAssumeRolePolicy', {
      event: 'write',
      target,
      run: (input) => {
        const role = find(input);
        role.trust = trust(role.name, String(input.PolicyDocument));
        return {};
      },
    }),
    DeleteRole: operation<RoleNamed, object>('DeleteRole', {
      event: 'write',
      target,
      run: (input) => {
        const role = find(input);
        if (role.attached.size > 0) inUse('detach all policies');
        if (role.inline.size > 0) inUse('delete policies');
        iam.roles.delete(role.name);
        iam.generation += 1;
        return {};
      },
    }),
    TagRole: operation<TagRoleRequest, object>('TagRole', {
      event: 'write',
      target,
      run: (input) => {
        Object.assign(find(input).tags, toTags(input.Tags));
        return {};
      },
    }),
    UntagRole: operation<UntagRoleRequest, object>('UntagRole', {
      event: 'write',
      target,
      run: (input) => {
        for (const key of input.TagKeys ?? []) delete find(input).tags[key];
        return {};
      },
    }),
    PutRolePolicy: operation<PutRolePolicyRequest, object>('PutRolePolicy', {
      event: 'write',
      target,
      run: (input) => {
        putInline(find(input), String(input.PolicyName), String(input.PolicyDocument));
        return {};
      },
    }),
    GetRolePolicy: operation<GetRolePolicyRequest, { RoleName: string; PolicyName: string; PolicyDocument: string }>('GetRolePolicy', {
      event: 'read',
      target,
      run: (input) => ({
        RoleName: String(input.RoleName),
        PolicyName: String(input.PolicyName),
        PolicyDocument: inlineText(find(input), String(input.PolicyName)),
      }),
    }),
    ListRolePolicies: operation<RoleNamed, { PolicyNames: string[]; IsTruncated: boolean }>('ListRolePolicies', {
      event: 'read',
      target,
      run: (input) => ({ PolicyNames: [...find(input).inline.keys()], IsTruncated: false }),
    }),
    DeleteRolePolicy: operation<DeleteRolePolicyRequest, object>('DeleteRolePolicy', {
      event: 'write',
      target,
      run: (input) => {
        deleteInline(find(input), String(input.PolicyName));
        return {};
      },
    }),
    AttachRolePolicy: operation<AttachRolePolicyRequest, object>('AttachRolePolicy', {
      event: 'write',
      target,
      run: (input) => {
        const arn = String(input.PolicyArn);
        if (!iam.managed.has(arn)) missing('policy', arn);
        find(input).attached.add(arn);
        return {};
      },
    }),
    DetachRolePolicy: operation<DetachRolePolicyRequest, object>('DetachRolePolicy', {
      event: 'write',
      target,
      run: (input) => {
        if (!find(input).attached.delete(String(input.PolicyArn))) missing('policy', String(input.PolicyArn));
        return {};
      },
    }),
    ListAttachedRolePolicies: operation<RoleNamed, { AttachedPolicies: AttachedPolicy[]; IsTruncated: boolean }>('ListAttachedRolePolicies', {
      event: 'read',
      target,
      run: (input) => ({
        AttachedPolicies: [...find(input).attached].map((arn) => ({ PolicyArn: arn, PolicyName: iam.managed.get(arn)?.name })),
        IsTruncated: false,
      }),
    }),
  };
}
