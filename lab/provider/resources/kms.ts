import { type Tags, toTags } from '../../account/tags';
import { optionalNumber, optionalText, type ResourceType, tagsOf, text } from '../resource-type';
import { ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';
import { uniqueSuffix } from './unique-suffix';

/** KMS names the members of its tags differently. */
const kmsTags = (tags: Tags) => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

/** aws_kms_key */
export const kmsKey: ResourceType = {
  supportedPaths: [
    'description',
    'policy',
    'enable_key_rotation',
    'rotation_period_in_days',
    'deletion_window_in_days',
    'is_enabled',
    'bypass_policy_lockout_safety_check',
    'tags',
    'key_usage',
    'customer_master_key_spec',
  ],
  async create(planned, { account: { kms }, perform }) {
    const { KeyMetadata: created } = await perform(kms.operations.CreateKey, {
      Description: optionalText(planned, 'description'),
      Policy: optionalText(planned, 'policy'),
      KeySpec: text(planned, 'customer_master_key_spec') as 'SYMMETRIC_DEFAULT',
      KeyUsage: text(planned, 'key_usage') as 'ENCRYPT_DECRYPT',
      BypassPolicyLockoutSafetyCheck: Boolean(planned.bypass_policy_lockout_safety_check),
      Tags: kmsTags(tagsOf(planned)),
    });
    const KeyId = String(created.KeyId);
    if (planned.enable_key_rotation)
      await perform(kms.operations.EnableKeyRotation, { KeyId, RotationPeriodInDays: optionalNumber(planned, 'rotation_period_in_days') });
    if (planned.is_enabled === false) await perform(kms.operations.DisableKey, { KeyId });
    return KeyId;
  },
  read: (state, { account: { kms }, perform }) =>
    undefinedIfNotFound(async () => {
      const KeyId = text(state, 'id');
      const { KeyMetadata: key } = await perform(kms.operations.DescribeKey, { KeyId });
      if (key.KeyState === 'PendingDeletion') return undefined;
      const { Policy: policy } = await perform(kms.operations.GetKeyPolicy, { KeyId });
      const rotation = await perform(kms.operations.GetKeyRotationStatus, { KeyId });
      const { Tags: tags = [] } = await perform(kms.operations.ListResourceTags, { KeyId });
      return {
        id: key.KeyId,
        key_id: key.KeyId,
        arn: key.Arn,
        custom_key_store_id: '',
        customer_master_key_spec: key.KeySpec,
        description: key.Description,
        enable_key_rotation: rotation.KeyRotationEnabled,
        is_enabled: key.Enabled,
        key_usage: key.KeyUsage,
        multi_region: key.MultiRegion,
        policy,
        rotation_period_in_days: rotation.RotationPeriodInDays ?? null,
        xks_key_id: '',
        tags_all: toTags(tags),
      };
    }),
  async update(prior, planned, changed, { account: { kms }, perform }) {
    const KeyId = text(prior, 'id');
    if (changed.has('is_enabled') && planned.is_enabled) await perform(kms.operations.EnableKey, { KeyId });
    if (changed.has('enable_key_rotation') || changed.has('rotation_period_in_days')) {
      if (planned.enable_key_rotation)
        await perform(kms.operations.EnableKeyRotation, { KeyId, RotationPeriodInDays: optionalNumber(planned, 'rotation_period_in_days') });
      else await perform(kms.operations.DisableKeyRotation, { KeyId });
    }
    if (changed.has('description')) await perform(kms.operations.UpdateKeyDescription, { KeyId, Description: text(planned, 'description') });
    await syncTags(prior, planned, {
      add: (tags) => perform(kms.operations.TagResource, { KeyId, Tags: kmsTags(tags) }),
      remove: (keys) => perform(kms.operations.UntagResource, { KeyId, TagKeys: keys }),
    });
    // Last but one, as it may take from the caller what it needed above.
    if (changed.has('policy')) {
      await perform(kms.operations.PutKeyPolicy, {
        KeyId,
        Policy: text(planned, 'policy'),
        BypassPolicyLockoutSafetyCheck: Boolean(planned.bypass_policy_lockout_safety_check),
      });
    }
    if (changed.has('is_enabled') && !planned.is_enabled) await perform(kms.operations.DisableKey, { KeyId });
  },
  delete: (state, { account: { kms }, perform }) =>
    ignoreNotFound(() =>
      perform(kms.operations.ScheduleKeyDeletion, { KeyId: text(state, 'id'), PendingWindowInDays: optionalNumber(state, 'deletion_window_in_days') }),
    ),
};

/** aws_kms_alias */
export const kmsAlias: ResourceType = {
  supportedPaths: ['name', 'name_prefix', 'target_key_id'],
  async create(planned, { account: { kms }, perform }) {
    const prefix = optionalText(planned, 'name_prefix') ?? 'alias/';
    const AliasName = typeof planned.name === 'string' ? planned.name : prefix + uniqueSuffix();
    await perform(kms.operations.CreateAlias, { AliasName, TargetKeyId: text(planned, 'target_key_id') });
    return AliasName;
  },
  async read(state, { account, perform }) {
    const { Aliases: aliases = [] } = await perform(account.kms.operations.ListAliases, {});
    const alias = aliases.find(({ AliasName }) => AliasName === state.id);
    if (!alias) return undefined;
    const name = String(alias.AliasName);
    return {
      id: name,
      arn: alias.AliasArn,
      name,
      name_prefix: /^(.*)\d{18}[0-9a-f]{8}$/.exec(name)?.[1] ?? '',
      target_key_arn: account.arn('kms', `key/${alias.TargetKeyId}`),
      target_key_id: alias.TargetKeyId,
    };
  },
  async update(prior, planned, _changed, { account: { kms }, perform }) {
    await perform(kms.operations.UpdateAlias, { AliasName: text(prior, 'id'), TargetKeyId: text(planned, 'target_key_id') });
  },
  delete: (state, { account: { kms }, perform }) => ignoreNotFound(() => perform(kms.operations.DeleteAlias, { AliasName: text(state, 'id') })),
  recomputed: (changed) => (changed.has('target_key_id') ? ['target_key_arn'] : []),
};
