import type { CreateTableInput } from '@aws-sdk/client-dynamodb';
import { fromTags, toTags } from '../../account/tags';
import { blockOf, blocksOf, type Context, type ResourceType, tagsOf, text } from '../resource-type';
import { UNKNOWN, type Values } from '../values';
import { ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';

const table = (values: Values) => ({ TableName: text(values, 'id') });

/** aws_dynamodb_table */
export const dynamodbTable: ResourceType = {
  supportedPaths: [
    'name',
    'billing_mode',
    'hash_key',
    'range_key',
    'read_capacity',
    'write_capacity',
    'table_class',
    'deletion_protection_enabled',
    'tags',
    'attribute',
    'attribute.name',
    'attribute.type',
    'server_side_encryption',
    'server_side_encryption.enabled',
    'server_side_encryption.kms_key_arn',
    'point_in_time_recovery',
    'point_in_time_recovery.enabled',
    'point_in_time_recovery.recovery_period_in_days',
  ],
  check(config) {
    const attributes = blocksOf(config, 'attribute').map(({ name }) => name);
    const keys = [config.hash_key, config.range_key].filter((key) => key !== null && key !== UNKNOWN);
    if (attributes.includes(UNKNOWN)) return [];
    const missing = keys.find((key) => !attributes.includes(key));
    const unused = attributes.find((name) => !keys.includes(name));
    return [
      ...(missing ? [`all attributes must be indexed: the key ${String(missing)} has no attribute block`] : []),
      ...(unused ? [`all attributes must be indexed. Unused attributes: ["${String(unused)}"]`] : []),
    ];
  },
  async create(planned, context) {
    const { account, perform } = context;
    const encryption = blockOf(planned, 'server_side_encryption');
    await perform(account.dynamodb.operations.CreateTable, {
      TableName: text(planned, 'name'),
      BillingMode: text(planned, 'billing_mode') as 'PAY_PER_REQUEST',
      ...throughput(planned),
      KeySchema: [
        { AttributeName: text(planned, 'hash_key'), KeyType: 'HASH' },
        ...(planned.range_key ? [{ AttributeName: text(planned, 'range_key'), KeyType: 'RANGE' as const }] : []),
      ],
      AttributeDefinitions: blocksOf(planned, 'attribute').map((attribute) => ({
        AttributeName: text(attribute, 'name'),
        AttributeType: text(attribute, 'type') as 'S',
      })),
      ...(encryption ? { SSESpecification: sse(encryption) } : {}),
      DeletionProtectionEnabled: Boolean(planned.deletion_protection_enabled),
      TableClass: text(planned, 'table_class') as 'STANDARD',
      Tags: fromTags(tagsOf(planned)),
    });
    if (blockOf(planned, 'point_in_time_recovery')?.enabled) await recovery(planned, context);
    return text(planned, 'name');
  },
  read: (state, { account: { dynamodb }, perform }) =>
    undefinedIfNotFound(async () => {
      const { Table: current } = await perform(dynamodb.operations.DescribeTable, table(state));
      const { ContinuousBackupsDescription: backups } = await perform(dynamodb.operations.DescribeContinuousBackups, { TableName: text(state, 'id') });
      const { TimeToLiveDescription: ttl } = await perform(dynamodb.operations.DescribeTimeToLive, { TableName: text(state, 'id') });
      const { Tags: tags } = await perform(dynamodb.operations.ListTagsOfResource, { ResourceArn: String(current.TableArn) });
      const { PointInTimeRecoveryStatus: status, RecoveryPeriodInDays: days } = backups.PointInTimeRecoveryDescription;
      const keyOf = (type: string) => current.KeySchema?.find((key) => key.KeyType === type)?.AttributeName ?? null;
      return {
        id: current.TableName,
        arn: current.TableArn,
        name: current.TableName,
        billing_mode: current.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
        hash_key: keyOf('HASH'),
        range_key: keyOf('RANGE'),
        read_capacity: current.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
        write_capacity: current.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
        table_class: current.TableClassSummary?.TableClass,
        deletion_protection_enabled: current.DeletionProtectionEnabled,
        stream_arn: '',
        stream_enabled: false,
        stream_label: '',
        stream_view_type: '',
        attribute: (current.AttributeDefinitions ?? []).map(({ AttributeName, AttributeType }) => ({ name: AttributeName, type: AttributeType })),
        server_side_encryption: current.SSEDescription
          ? [{ enabled: current.SSEDescription.Status === 'ENABLED', kms_key_arn: current.SSEDescription.KMSMasterKeyArn }]
          : [],
        point_in_time_recovery: [{ enabled: status === 'ENABLED', recovery_period_in_days: days ?? 0 }],
        ttl: [{ attribute_name: '', enabled: ttl.TimeToLiveStatus === 'ENABLED' }],
        tags_all: toTags(tags),
      };
    }),
  async update(prior, planned, changed, context) {
    const { account, perform } = context;
    const { dynamodb } = account;
    const ResourceArn = text(prior, 'arn');
    if (changed.has('table_class')) await perform(dynamodb.operations.UpdateTable, { ...table(prior), TableClass: text(planned, 'table_class') as 'STANDARD' });
    if (['billing_mode', 'read_capacity', 'write_capacity'].some((name) => changed.has(name))) {
      await perform(dynamodb.operations.UpdateTable, {
        ...table(prior),
        BillingMode: text(planned, 'billing_mode') as 'PAY_PER_REQUEST',
        ...throughput(planned),
      });
    }
    if (changed.has('deletion_protection_enabled')) {
      await perform(dynamodb.operations.UpdateTable, { ...table(prior), DeletionProtectionEnabled: Boolean(planned.deletion_protection_enabled) });
    }
    if (changed.has('server_side_encryption')) {
      const encryption = blockOf(planned, 'server_side_encryption');
      await perform(dynamodb.operations.UpdateTable, { ...table(prior), SSESpecification: encryption ? sse(encryption) : { Enabled: false } });
    }
    if (changed.has('point_in_time_recovery')) await recovery(planned, context);
    await syncTags(prior, planned, {
      add: (tags) => perform(dynamodb.operations.TagResource, { ResourceArn, Tags: fromTags(tags) }),
      remove: (keys) => perform(dynamodb.operations.UntagResource, { ResourceArn, TagKeys: keys }),
    });
  },
  delete: (state, { account: { dynamodb }, perform }) => ignoreNotFound(() => perform(dynamodb.operations.DeleteTable, table(state))),
};

function sse(block: Values): { Enabled: boolean; SSEType?: 'KMS'; KMSMasterKeyId?: string } {
  if (!block.enabled) return { Enabled: false };
  const key = typeof block.kms_key_arn === 'string' && block.kms_key_arn ? block.kms_key_arn : undefined;
  return { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key };
}

function throughput(planned: Values): Pick<CreateTableInput, 'ProvisionedThroughput'> {
  if (planned.billing_mode !== 'PROVISIONED') return {};
  return { ProvisionedThroughput: { ReadCapacityUnits: Number(planned.read_capacity), WriteCapacityUnits: Number(planned.write_capacity) } };
}

async function recovery(planned: Values, { account: { dynamodb }, perform }: Context): Promise<void> {
  const block = blockOf(planned, 'point_in_time_recovery');
  const days = typeof block?.recovery_period_in_days === 'number' && block.recovery_period_in_days > 0 ? block.recovery_period_in_days : undefined;
  await perform(dynamodb.operations.UpdateContinuousBackups, {
    TableName: text(planned, 'name'),
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: Boolean(block?.enabled), RecoveryPeriodInDays: days },
  });
}

/** aws_dynamodb_resource_policy */
export const dynamodbResourcePolicy: ResourceType = {
  supportedPaths: ['resource_arn', 'policy', 'confirm_remove_self_resource_access'],
  async create(planned, { account: { dynamodb }, perform }) {
    await perform(dynamodb.operations.PutResourcePolicy, { ResourceArn: text(planned, 'resource_arn'), Policy: text(planned, 'policy') });
    return text(planned, 'resource_arn');
  },
  read: (state, { account: { dynamodb }, perform }) =>
    undefinedIfNotFound(async () => {
      const ResourceArn = text(state, 'id');
      const current = await perform(dynamodb.operations.GetResourcePolicy, { ResourceArn });
      return {
        id: ResourceArn,
        resource_arn: ResourceArn,
        policy: current.Policy,
        revision_id: current.RevisionId,
        confirm_remove_self_resource_access: state.confirm_remove_self_resource_access ?? false,
      };
    }),
  async update(prior, planned, _changed, { account: { dynamodb }, perform }) {
    await perform(dynamodb.operations.PutResourcePolicy, { ResourceArn: text(prior, 'id'), Policy: text(planned, 'policy') });
  },
  delete: (state, { account: { dynamodb }, perform }) =>
    ignoreNotFound(() => perform(dynamodb.operations.DeleteResourcePolicy, { ResourceArn: text(state, 'id') })),
  recomputed: () => ['revision_id'],
};
