import { fromTags, toTags } from '../../account/tags';
import { type Context, listOfTexts, type ResourceType, tagsOf, text } from '../resource-type';
import type { Values } from '../values';
import { decoded, ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';
import { uniqueSuffix } from './unique-suffix';

/** aws_iam_group */
export const iamGroup: ResourceType = {
  supportedPaths: ['name', 'path'],
  async create(planned, { account: { iam }, perform }) {
    const { Group: created } = await perform(iam.operations.CreateGroup, { GroupName: text(planned, 'name'), Path: text(planned, 'path') });
    return String(created.GroupName);
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const { Group: current } = await perform(iam.operations.GetGroup, { GroupName: text(state, 'id') });
      return { id: current.GroupName, arn: current.Arn, name: current.GroupName, path: current.Path, unique_id: current.GroupId };
    }),
  async update(prior, planned, _changed, { account: { iam }, perform }) {
    await perform(iam.operations.UpdateGroup, { GroupName: text(prior, 'id'), NewGroupName: text(planned, 'name'), NewPath: text(planned, 'path') });
  },
  async delete(state, { account: { iam }, perform }) {
    await perform(iam.operations.DeleteGroup, { GroupName: text(state, 'id') });
  },
  idAfterUpdate: (planned) => text(planned, 'name'),
  recomputed: (changed) => (changed.has('name') || changed.has('path') ? ['arn'] : []),
};

/** aws_iam_group_policy */
export const iamGroupPolicy: ResourceType = {
  supportedPaths: ['group', 'name', 'policy'],
  async create(planned, { account: { iam }, perform }) {
    const [GroupName, PolicyName] = [text(planned, 'group'), text(planned, 'name')];
    await perform(iam.operations.PutGroupPolicy, { GroupName, PolicyName, PolicyDocument: text(planned, 'policy') });
    return `${GroupName}:${PolicyName}`;
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const [GroupName = '', PolicyName = ''] = text(state, 'id').split(':');
      const current = await perform(iam.operations.GetGroupPolicy, { GroupName, PolicyName });
      return { id: `${GroupName}:${PolicyName}`, group: GroupName, name: PolicyName, name_prefix: '', policy: decoded(current.PolicyDocument) };
    }),
  async update(prior, planned, _changed, { account: { iam }, perform }) {
    await perform(iam.operations.PutGroupPolicy, { GroupName: text(prior, 'group'), PolicyName: text(prior, 'name'), PolicyDocument: text(planned, 'policy') });
  },
  delete: (state, { account: { iam }, perform }) =>
    ignoreNotFound(() => perform(iam.operations.DeleteGroupPolicy, { GroupName: text(state, 'group'), PolicyName: text(state, 'name') })),
};

/** aws_iam_user */
export const iamUser: ResourceType = {
  supportedPaths: ['name', 'path', 'force_destroy', 'tags'],
  async create(planned, { account: { iam }, perform }) {
    const { User: created } = await perform(iam.operations.CreateUser, {
      UserName: text(planned, 'name'),
      Path: text(planned, 'path'),
      Tags: fromTags(tagsOf(planned)),
    });
    return String(created.UserName);
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const { User: current } = await perform(iam.operations.GetUser, { UserName: text(state, 'id') });
      return {
        id: current.UserName,
        arn: current.Arn,
        name: current.UserName,
        path: current.Path,
        unique_id: current.UserId,
        tags_all: toTags(current.Tags),
      };
    }),
  async update(prior, planned, changed, { account: { iam }, perform }) {
    const UserName = text(prior, 'id');
    await syncTags(prior, planned, {
      add: (tags) => perform(iam.operations.TagUser, { UserName, Tags: fromTags(tags) }),
      remove: (keys) => perform(iam.operations.UntagUser, { UserName, TagKeys: keys }),
    });
    if (changed.has('name') || changed.has('path')) {
      await perform(iam.operations.UpdateUser, { UserName, NewUserName: text(planned, 'name'), NewPath: text(planned, 'path') });
    }
  },
  idAfterUpdate: (planned) => text(planned, 'name'),
  async delete(state, context) {
    if (state.force_destroy) await emptyUser(text(state, 'id'), context);
    await context.perform(context.account.iam.operations.DeleteUser, { UserName: text(state, 'id') });
  },
};

/** Removes what a user made for itself: groups, access keys and MFA devices, inline policies. */
async function emptyUser(UserName: string, { account: { iam }, perform }: Context): Promise<void> {
  for (const group of (await perform(iam.operations.ListGroupsForUser, { UserName })).Groups) {
    await perform(iam.operations.RemoveUserFromGroup, { UserName, GroupName: group.GroupName });
  }
  for (const key of (await perform(iam.operations.ListAccessKeys, { UserName })).AccessKeyMetadata) {
    await perform(iam.operations.DeleteAccessKey, { UserName, AccessKeyId: String(key.AccessKeyId) });
  }
  for (const device of (await perform(iam.operations.ListMFADevices, { UserName })).MFADevices) {
    await perform(iam.operations.DeactivateMFADevice, { UserName, SerialNumber: String(device.SerialNumber) });
    await perform(iam.operations.DeleteVirtualMFADevice, { SerialNumber: String(device.SerialNumber) });
  }
  for (const name of (await perform(iam.operations.ListUserPolicies, { UserName })).PolicyNames) {
    await perform(iam.operations.DeleteUserPolicy, { UserName, PolicyName: name });
  }
}

const groupsOf = (values: Values) => listOfTexts(values, 'groups');

/** aws_iam_user_group_membership */
export const iamUserGroupMembership: ResourceType = {
  supportedPaths: ['user', 'groups'],
  async create(planned, { account: { iam }, perform }) {
    for (const group of groupsOf(planned)) await perform(iam.operations.AddUserToGroup, { UserName: text(planned, 'user'), GroupName: group });
    return `terraform-${uniqueSuffix()}`;
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const { Groups: groups } = await perform(iam.operations.ListGroupsForUser, { UserName: text(state, 'user') });
      const names = groups.map((group) => group.GroupName);
      return { groups: groupsOf(state).filter((group) => names.includes(group)) };
    }),
  async update(prior, planned, _changed, { account: { iam }, perform }) {
    const UserName = text(prior, 'user');
    for (const group of groupsOf(prior))
      if (!groupsOf(planned).includes(group)) await perform(iam.operations.RemoveUserFromGroup, { UserName, GroupName: group });
    for (const group of groupsOf(planned)) if (!groupsOf(prior).includes(group)) await perform(iam.operations.AddUserToGroup, { UserName, GroupName: group });
  },
  async delete(state, { account: { iam }, perform }) {
    for (const group of groupsOf(state))
      await ignoreNotFound(() => perform(iam.operations.RemoveUserFromGroup, { UserName: text(state, 'user'), GroupName: group }));
  },
  importState(id) {
    const [user = '', ...groups] = id.split('/');
    return { id: `terraform-${uniqueSuffix()}`, user, groups };
  },
};
