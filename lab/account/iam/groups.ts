import type { CreateGroupRequest, Group as GroupOutput, UpdateGroupRequest, User as UserOutput } from '@aws-sdk/client-iam';
import { operationsOf } from '../operation';
import { type Group, uniqueId } from './entities';
import { deleteInlineOperation, getInlineOperation, putInlineOperation } from './entity-operations';
import type { IamStore } from './iam-store';
import { inUse, taken } from './refusals';
import { describeUser } from './users';

const operation = operationsOf('iam');

interface GroupNamed {
  GroupName: string | undefined;
}

/** Operations on groups and their members. */
export function groupOperations(iam: IamStore) {
  const find = (input: GroupNamed) => iam.group(String(input.GroupName));
  const target = (input: GroupNamed) => {
    const known = iam.groups.get(String(input.GroupName));
    return { resource: iam.arn('group', known?.path ?? '/', String(input.GroupName)) };
  };
  const access = { target, find };
  const describe = (group: Group): GroupOutput => ({
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: iam.arn('group', group.path, group.name),
    CreateDate: group.createdAt,
  });
  return {
    CreateGroup: operation<CreateGroupRequest, { Group: GroupOutput }>('CreateGroup', {
      event: 'write',
      target: (input) => ({ resource: iam.arn('group', input.Path ?? '/', String(input.GroupName)) }),
      run: (input) => {
        const name = String(input.GroupName);
        if (iam.groups.has(name)) taken('Group', name);
        const group: Group = {
          name,
          path: input.Path ?? '/',
          id: uniqueId('AGPA'),
          createdAt: iam.account.clock.date(),
          inline: new Map(),
          attached: new Set(),
        };
        iam.groups.set(name, group);
        return { Group: describe(group) };
      },
    }),
    GetGroup: operation<GroupNamed, { Group: GroupOutput; Users: UserOutput[]; IsTruncated: boolean }>('GetGroup', {
      event: 'read',
      target,
      run: (input) => {
        const group = find(input);
        const members = [...iam.users.values()].filter((user) => user.groups.has(group.name));
        return { Group: describe(group), Users: members.map((user) => describeUser(iam, user)), IsTruncated: false };
      },
    }),
    UpdateGroup: operation<UpdateGroupRequest, object>('UpdateGroup', {
      event: 'write',
      target,
      run: (input) => {
        const group = find(input);
        const before = group.name;
        const name = input.NewGroupName ?? before;
        if (name !== before && iam.groups.has(name)) taken('Group', name);
        iam.groups.delete(before);
        group.name = name;
        if (input.NewPath !== undefined) group.path = input.NewPath;
        iam.groups.set(name, group);
        for (const user of iam.users.values()) if (user.groups.delete(before)) user.groups.add(name);
        return {};
      },
    }),
    DeleteGroup: operation<GroupNamed, object>('DeleteGroup', {
      event: 'write',
      target,
      run: (input) => {
        const group = find(input);
        if ([...iam.users.values()].some((user) => user.groups.has(group.name))) inUse('remove users from group');
        if (group.inline.size + group.attached.size > 0) inUse('delete policies');
        iam.groups.delete(group.name);
        return {};
      },
    }),
    PutGroupPolicy: putInlineOperation('PutGroupPolicy', access),
    GetGroupPolicy: getInlineOperation('GetGroupPolicy', access, (input: GroupNamed) => ({ GroupName: String(input.GroupName) })),
    DeleteGroupPolicy: deleteInlineOperation('DeleteGroupPolicy', access),
    AddUserToGroup: operation<GroupNamed & { UserName: string }, object>('AddUserToGroup', {
      event: 'write',
      target,
      run: (input) => {
        iam.user(input.UserName).groups.add(find(input).name);
        return {};
      },
    }),
    RemoveUserFromGroup: operation<GroupNamed & { UserName: string }, object>('RemoveUserFromGroup', {
      event: 'write',
      target,
      run: (input) => {
        iam.user(input.UserName).groups.delete(find(input).name);
        return {};
      },
    }),
    ListGroupsForUser: operation<{ UserName: string }, { Groups: GroupOutput[]; IsTruncated: boolean }>('ListGroupsForUser', {
      event: 'read',
      target: (input) => ({ resource: iam.arn('user', iam.users.get(input.UserName)?.path ?? '/', input.UserName) }),
      run: (input) => ({ Groups: [...iam.user(input.UserName).groups].map((name) => describe(iam.group(name))), IsTruncated: false }),
    }),
  };
}
