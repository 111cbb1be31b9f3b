import { fromTags, toTags } from '../../account/tags';
import { optionalText, type ResourceType, tagsOf, text } from '../resource-type';
import type { Values } from '../values';
import { decoded, syncTags, undefinedIfNotFound } from './shared';

const role = (values: Values) => ({ RoleName: text(values, 'id') });

/** aws_iam_role */
export const iamRole: ResourceType = {
  supportedPaths: ['name', 'assume_role_policy', 'description', 'max_session_duration', 'path', 'force_detach_policies', 'tags'],
  async create(planned, { account: { iam }, perform }) {
    const created = await perform(iam.operations.CreateRole, {
      RoleName: text(planned, 'name'),
      Path: text(planned, 'path'),
      AssumeRolePolicyDocument: text(planned, 'assume_role_policy'),
      Description: optionalText(planned, 'description'),
      MaxSessionDuration: Number(planned.max_session_duration),
      Tags: fromTags(tagsOf(planned)),
    });
    return String(created.Role.RoleName);
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const { Role: current } = await perform(iam.operations.GetRole, role(state));
      const { AttachedPolicies: attached } = await perform(iam.operations.ListAttachedRolePolicies, role(state));
      return {
        arn: current.Arn,
        assume_role_policy: decoded(current.AssumeRolePolicyDocument),
        create_date: current.CreateDate?.toISOString().replace(/\.\d+Z$/, 'Z'),
        description: current.Description,
        id: current.RoleName,
        managed_policy_arns: attached.map((policy) => policy.PolicyArn),
        max_session_duration: current.MaxSessionDuration,
        name: current.RoleName,
        name_prefix: '',
        path: current.Path,
        unique_id: current.RoleId,
        tags_all: toTags(current.Tags),
      };
    }),
  async update(prior, planned, changed, { account: { iam }, perform }) {
    if (changed.has('assume_role_policy')) {
      await perform(iam.operations.UpdateAssumeRolePolicy, { ...role(prior), PolicyDocument: text(planned, 'assume_role_policy') });
    }
    if (changed.has('description') || changed.has('max_session_duration')) {
      await perform(iam.operations.UpdateRole, {
        ...role(prior),
        Description: text(planned, 'description'),
        MaxSessionDuration: Number(planned.max_session_duration),
      });
    }
    await syncTags(prior, planned, {
      add: (tags) => perform(iam.operations.TagRole, { ...role(prior), Tags: fromTags(tags) }),
      remove: (keys) => perform(iam.operations.UntagRole, { ...role(prior), TagKeys: keys }),
    });
  },
  async delete(state, { account: { iam }, perform }) {
    if (state.force_detach_policies) {
      const { AttachedPolicies: attached } = await perform(iam.operations.ListAttachedRolePolicies, role(state));
      for (const policy of attached) await perform(iam.operations.DetachRolePolicy, { ...role(state), PolicyArn: policy.PolicyArn });
      const { PolicyNames: names } = await perform(iam.operations.ListRolePolicies, role(state));
      for (const name of names) await perform(iam.operations.DeleteRolePolicy, { ...role(state), PolicyName: name });
    }
    await perform(iam.operations.DeleteRole, role(state));
  },
};
