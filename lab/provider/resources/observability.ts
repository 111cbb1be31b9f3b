import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { optionalNumber, optionalText, type ResourceType, tagsOf, text } from '../resource-type';
import type { Values } from '../values';
import { ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';

const group = (values: Values) => ({ logGroupName: text(values, 'id') });

/** aws_cloudwatch_log_group */
export const cloudwatchLogGroup: ResourceType = {
  supportedPaths: ['name', 'kms_key_id', 'retention_in_days', 'skip_destroy', 'tags'],
  async create(planned, { account: { logs }, perform }) {
    const logGroupName = text(planned, 'name');
    await perform(logs.operations.CreateLogGroup, { logGroupName, kmsKeyId: optionalText(planned, 'kms_key_id'), tags: tagsOf(planned) });
    if (Number(planned.retention_in_days) > 0)
      await perform(logs.operations.PutRetentionPolicy, { logGroupName, retentionInDays: Number(planned.retention_in_days) });
    return logGroupName;
  },
  async read(state, { account: { logs }, perform }) {
    const { logGroups } = await perform(logs.operations.DescribeLogGroups, { logGroupNamePrefix: text(state, 'id') });
    const found = logGroups.find((one) => one.logGroupName === state.id);
    if (!found) return undefined;
    const { tags } = await perform(logs.operations.ListTagsForResource, { resourceArn: String(found.logGroupArn) });
    return {
      id: found.logGroupName,
      arn: found.logGroupArn,
      deletion_protection_enabled: found.deletionProtectionEnabled,
      kms_key_id: found.kmsKeyId ?? '',
      log_group_class: found.logGroupClass,
      name: found.logGroupName,
      name_prefix: '',
      retention_in_days: found.retentionInDays ?? 0,
      tags_all: tags,
    };
  },
  async update(prior, planned, changed, { account: { logs }, perform }) {
    const resourceArn = text(prior, 'arn');
    if (changed.has('retention_in_days')) {
      const days = Number(planned.retention_in_days);
      if (days > 0) await perform(logs.operations.PutRetentionPolicy, { ...group(prior), retentionInDays: days });
      else await perform(logs.operations.DeleteRetentionPolicy, group(prior));
    }
    if (changed.has('kms_key_id')) {
      const kmsKeyId = optionalText(planned, 'kms_key_id');
      if (kmsKeyId) await perform(logs.operations.AssociateKmsKey, { ...group(prior), kmsKeyId });
      else await perform(logs.operations.DisassociateKmsKey, group(prior));
    }
    await syncTags(prior, planned, {
      add: (tags) => perform(logs.operations.TagResource, { resourceArn, tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) }),
      remove: (tagKeys) => perform(logs.operations.UntagResource, { resourceArn, tagKeys }),
    });
  },
  async delete(state, { account: { logs }, perform }) {
    if (!state.skip_destroy) await ignoreNotFound(() => perform(logs.operations.DeleteLogGroup, group(state)));
  },
};

const ALARM_TEXTS = {
  comparison_operator: 'ComparisonOperator',
  metric_name: 'MetricName',
  namespace: 'Namespace',
  statistic: 'Statistic',
  treat_missing_data: 'TreatMissingData',
  alarm_description: 'AlarmDescription',
} as const;
const ALARM_NUMBERS = { datapoints_to_alarm: 'DatapointsToAlarm', evaluation_periods: 'EvaluationPeriods', period: 'Period', threshold: 'Threshold' } as const;
const ALARM_LISTS = { alarm_actions: 'AlarmActions', ok_actions: 'OKActions', insufficient_data_actions: 'InsufficientDataActions' } as const;

/** aws_cloudwatch_metric_alarm */
export const cloudwatchMetricAlarm: ResourceType = {
  supportedPaths: [
    'alarm_name',
    'actions_enabled',
    'dimensions',
    'tags',
    ...Object.keys(ALARM_TEXTS),
    ...Object.keys(ALARM_NUMBERS),
    ...Object.keys(ALARM_LISTS),
  ],
  async create(planned, { account: { cloudwatch }, perform }) {
    await perform(cloudwatch.operations.PutMetricAlarm, { ...alarm(planned), Tags: Object.entries(tagsOf(planned)).map(([Key, Value]) => ({ Key, Value })) });
    return text(planned, 'alarm_name');
  },
  read: (state, { account: { cloudwatch }, perform }) =>
    undefinedIfNotFound(async () => {
      const { MetricAlarms } = await perform(cloudwatch.operations.DescribeAlarms, { AlarmNames: [text(state, 'id')] });
      const found = MetricAlarms[0];
      if (!found) return undefined;
      const { Tags: tags } = await perform(cloudwatch.operations.ListTagsForResource, { ResourceARN: String(found.AlarmArn) });
      const pick = (names: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(names).map(([name, member]) => [name, (found as unknown as Record<string, unknown>)[member] ?? null]));
      return {
        ...pick(ALARM_TEXTS),
        ...pick(ALARM_NUMBERS),
        ...pick(ALARM_LISTS),
        id: found.AlarmName,
        arn: found.AlarmArn,
        alarm_name: found.AlarmName,
        actions_enabled: found.ActionsEnabled,
        dimensions: Object.fromEntries((found.Dimensions ?? []).map((dimension) => [dimension.Name, dimension.Value])),
        evaluate_low_sample_count_percentiles: '',
        tags_all: Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value])),
      };
    }),
  async update(prior, planned, _changed, { account: { cloudwatch }, perform }) {
    const ResourceARN = text(prior, 'arn');
    await perform(cloudwatch.operations.PutMetricAlarm, alarm(planned));
    await syncTags(prior, planned, {
      add: (Tags) => perform(cloudwatch.operations.TagResource, { ResourceARN, Tags }),
      remove: (TagKeys) => perform(cloudwatch.operations.UntagResource, { ResourceARN, TagKeys }),
    });
  },
  delete: (state, { account: { cloudwatch }, perform }) =>
    ignoreNotFound(() => perform(cloudwatch.operations.DeleteAlarms, { AlarmNames: [text(state, 'id')] })),
};

function alarm(planned: Values): PutMetricAlarmInput {
  const texts = Object.entries(ALARM_TEXTS).map(([name, member]) => [member, optionalText(planned, name)]);
  const numbers = Object.entries(ALARM_NUMBERS).map(([name, member]) => [member, optionalNumber(planned, name)]);
  const lists = Object.entries(ALARM_LISTS).map(([name, member]) => [member, (planned[name] as string[] | null) ?? []]);
  return {
    ...(Object.fromEntries([...texts, ...numbers, ...lists]) as unknown as PutMetricAlarmInput),
    AlarmName: text(planned, 'alarm_name'),
    ActionsEnabled: Boolean(planned.actions_enabled),
    Dimensions: Object.entries((planned.dimensions ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value })),
  };
}
