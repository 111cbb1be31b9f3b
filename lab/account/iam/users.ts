import type { CreateUserRequest, UpdateUserRequest, User as UserOutput } from '@aws-sdk/client-iam';
import type { Call } from '../caller';
import { notModelled } from '../errors';
import { operationsOf } from '../operation';
import { fromTags, toTags } from '../tags';
import { type User, uniqueId } from './entities';
import { deleteInlineOperation, listInlineOperation, putInlineOperation, tagOperation, untagOperation } from './entity-operations';
import type { IamStore } from './iam-store';
import { inUse, taken } from './refusals';

const operation = operationsOf('iam');

/** Operations whose user is, unless named, the caller. */
export interface UserNamed {
  UserName?: string | undefined;
}

/** The name of the user that a call is about. */
export function userNameOf(input: UserNamed, call: Call): string {
  return input.UserName ?? call.caller.principal.name ?? '';
}

/** A user as IAM describes it. */
export function describeUser(iam: IamStore, user: User): UserOutput {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: iam.arn('user', user.path, user.name),
    CreateDate: user.createdAt,
    Tags: fromTags(user.tags),
  };
}

/** The user that a call acts upon, as authorization sees it. */
export function userTarget(iam: IamStore) {
  return (input: UserNamed, call: Call) => {
    const name = userNameOf(input, call);
    return { resource: iam.arn('user', iam.users.get(name)?.path ?? '/', name) };
  };
}

/** Operations on users. */
export function userOperations(iam: IamStore) {
  const target = userTarget(iam);
  const find = (input: UserNamed, call: Call) => iam.user(userNameOf(input, call));
  const access = { target, find };
  return {
    CreateUser: operation<CreateUserRequest, { User: UserOutput }>('CreateUser', {
      event: 'write',
      target: (input) => ({ resource: iam.arn('user', input.Path ?? '/', String(input.UserName)) }),
      run: (input) => {
        if (input.PermissionsBoundary !== undefined) throw notModelled('permissions boundaries');
        const name = String(input.UserName);
        if (iam.users.has(name)) taken('User', name);
        const user: User = {
          name,
          path: input.Path ?? '/',
          id: uniqueId('AIDA'),
          createdAt: iam.account.clock.date(),
          inline: new Map(),
          attached: new Set(),
          groups: new Set(),
          accessKeys: [],
          tags: toTags(input.Tags),
        };
        iam.users.set(name, user);
        iam.generation += 1;
        return { User: describeUser(iam, user) };
      },
    }),
    GetUser: operation<UserNamed, { User: UserOutput }>('GetUser', {
      event: 'read',
      target,
      run: (input, call) => ({ User: describeUser(iam, find(input, call)) }),
    }),
    UpdateUser: operation<UpdateUserRequest, object>('UpdateUser', {
      event: 'write',
      target,
      run: (input, call) => {
        const user = find(input, call);
        const name = input.NewUserName ?? user.name;
        if (name !== user.name && iam.users.has(name)) taken('User', name);
        iam.users.delete(user.name);
        for (const device of iam.mfaDevices.values()) if (device.user === user.name) device.user = name;
        user.name = name;
        if (input.NewPath !== undefined) user.path = input.NewPath;
        iam.users.set(name, user);
        iam.generation += 1;
        return {};
      },
    }),
    DeleteUser: operation<UserNamed, object>('DeleteUser', {
      event: 'write',
      target,
      run: (input, call) => {
        const user = find(input, call);
        if (user.accessKeys.length > 0) inUse('delete access keys');
        if ([...iam.mfaDevices.values()].some((device) => device.user === user.name)) inUse('deactivate MFA devices');
        if (user.groups.size > 0) inUse('remove users from group');
        if (user.inline.size + user.attached.size > 0) inUse('delete policies');
        iam.users.delete(user.name);
        iam.generation += 1;
        return {};
      },
    }),
    TagUser: tagOperation('TagUser', access),
    UntagUser: untagOperation('UntagUser', access),
    PutUserPolicy: putInlineOperation('PutUserPolicy', access),
    ListUserPolicies: listInlineOperation('ListUserPolicies', access),
    DeleteUserPolicy: deleteInlineOperation('DeleteUserPolicy', access),
  };
}
