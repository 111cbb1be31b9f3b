import type { CreateRoleRequest, Role as RoleOutput, UpdateAssumeRolePolicyRequest, UpdateRoleRequest } from '@aws-sdk/client-iam';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { StoredPolicy } from '../stored-policy';
import { fromTags, toTags } from '../tags';
import { attachOperation, detachOperation, listAttachedOperation } from './attached-policies';
import { type Role, uniqueId } from './entities';
import { deleteInlineOperation, getInlineOperation, listInlineOperation, putInlineOperation, tagOperation, untagOperation } from './entity-operations';
import type { IamStore } from './iam-store';
import { inUse, taken } from './refusals';

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
  const access = { target, find };
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
    TagRole: tagOperation('TagRole', access),
    UntagRole: untagOperation('UntagRole', access),
    PutRolePolicy: putInlineOperation('PutRolePolicy', access),
    GetRolePolicy: getInlineOperation('GetRolePolicy', access, (input: RoleNamed) => ({ RoleName: String(input.RoleName) })),
    ListRolePolicies: listInlineOperation('ListRolePolicies', access),
    DeleteRolePolicy: deleteInlineOperation('DeleteRolePolicy', access),
    AttachRolePolicy: attachOperation('AttachRolePolicy', iam, access),
    DetachRolePolicy: detachOperation('DetachRolePolicy', access),
    ListAttachedRolePolicies: listAttachedOperation('ListAttachedRolePolicies', iam, access),
  };
}
