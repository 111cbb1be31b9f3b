import { fromTags, toTags } from '../../account/tags';
import { type ResourceType, tagsOf, text } from '../resource-type';
import { decoded, ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';

/** aws_iam_policy */
export const iamPolicy: ResourceType = {
  supportedPaths: ['name', 'description', 'path', 'policy', 'tags'],
  async create(planned, { account: { iam }, perform }) {
    const { Policy: created } = await perform(iam.operations.CreatePolicy, {
      PolicyName: text(planned, 'name'),
      Path: text(planned, 'path'),
      Description: text(planned, 'description'),
      PolicyDocument: text(planned, 'policy'),
      Tags: fromTags(tagsOf(planned)),
    });
    return String(created.Arn);
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const PolicyArn = text(state, 'id');
      const { Policy: policy } = await perform(iam.operations.GetPolicy, { PolicyArn });
      const { PolicyVersion: version } = await perform(iam.operations.GetPolicyVersion, { PolicyArn, VersionId: policy.DefaultVersionId });
      return {
        id: policy.Arn,
        arn: policy.Arn,
        attachment_count: policy.AttachmentCount,
        description: policy.Description,
        name: policy.PolicyName,
        name_prefix: '',
        path: policy.Path,
        policy: decoded(version.Document),
        policy_id: policy.PolicyId,
        tags_all: toTags(policy.Tags),
      };
    }),
  async update(prior, planned, changed, { account: { iam }, perform }) {
    const PolicyArn = text(prior, 'id');
    if (changed.has('policy')) {
      const { Versions: versions } = await perform(iam.operations.ListPolicyVersions, { PolicyArn });
      const oldest = versions.filter((version) => !version.IsDefaultVersion)[0];
      if (versions.length >= 5 && oldest?.VersionId) await perform(iam.operations.DeletePolicyVersion, { PolicyArn, VersionId: oldest.VersionId });
      await perform(iam.operations.CreatePolicyVersion, { PolicyArn, PolicyDocument: text(planned, 'policy'), SetAsDefault: true });
    }
    await syncTags(prior, planned, {
      add: (tags) => perform(iam.operations.TagPolicy, { PolicyArn, Tags: fromTags(tags) }),
      remove: (keys) => perform(iam.operations.UntagPolicy, { PolicyArn, TagKeys: keys }),
    });
  },
  async delete(state, { account: { iam }, perform }) {
    const PolicyArn = text(state, 'id');
    const { Versions: versions } = await perform(iam.operations.ListPolicyVersions, { PolicyArn });
    for (const version of versions) {
      if (!version.IsDefaultVersion) await perform(iam.operations.DeletePolicyVersion, { PolicyArn, VersionId: String(version.VersionId) });
    }
    await perform(iam.operations.DeletePolicy, { PolicyArn });
  },
};

/** aws_iam_role_policy */
export const iamRolePolicy: ResourceType = {
  supportedPaths: ['name', 'policy', 'role'],
  async create(planned, { account: { iam }, perform }) {
    const [RoleName, PolicyName] = [text(planned, 'role'), text(planned, 'name')];
    await perform(iam.operations.PutRolePolicy, { RoleName, PolicyName, PolicyDocument: text(planned, 'policy') });
    return `${RoleName}:${PolicyName}`;
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const [RoleName = '', PolicyName = ''] = text(state, 'id').split(':');
      const current = await perform(iam.operations.GetRolePolicy, { RoleName, PolicyName });
      return { id: `${RoleName}:${PolicyName}`, role: RoleName, name: PolicyName, name_prefix: '', policy: decoded(current.PolicyDocument) };
    }),
  async update(prior, planned, _changed, { account: { iam }, perform }) {
    await perform(iam.operations.PutRolePolicy, { RoleName: text(prior, 'role'), PolicyName: text(prior, 'name'), PolicyDocument: text(planned, 'policy') });
  },
  delete: (state, { account: { iam }, perform }) =>
    ignoreNotFound(() => perform(iam.operations.DeleteRolePolicy, { RoleName: text(state, 'role'), PolicyName: text(state, 'name') })),
};

/** aws_iam_role_policy_attachment */
export const iamRolePolicyAttachment: ResourceType = {
  supportedPaths: ['role', 'policy_arn'],
  async create(planned, { account: { iam }, perform }) {
    const [RoleName, PolicyArn] = [text(planned, 'role'), text(planned, 'policy_arn')];
    await perform(iam.operations.AttachRolePolicy, { RoleName, PolicyArn });
    return `${RoleName}/${PolicyArn}`;
  },
  read: (state, { account: { iam }, perform }) =>
    undefinedIfNotFound(async () => {
      const { AttachedPolicies: attached } = await perform(iam.operations.ListAttachedRolePolicies, { RoleName: text(state, 'role') });
      return attached.some((policy) => policy.PolicyArn === state.policy_arn) ? { id: `${state.role}/${state.policy_arn}` } : undefined;
    }),
  delete: (state, { account: { iam }, perform }) =>
    ignoreNotFound(() => perform(iam.operations.DetachRolePolicy, { RoleName: text(state, 'role'), PolicyArn: text(state, 'policy_arn') })),
  importState(id) {
    const [role = '', ...arn] = id.split('/');
    return { id, role, policy_arn: arn.join('/') };
  },
};
