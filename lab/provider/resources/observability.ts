import type { MetricAlarm, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { fromTags, toTags } from '../../account/tags';
import { listOfTexts, optionalNumber, optionalText, type ResourceType, tagsOf, text, textsOf } from '../resource-type';
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
    const current = logGroups.find(({ logGroupName }) => logGroupName === state.id);
    if (!current) return undefined;
    const { tags } = await perform(logs.operations.ListTagsForResource, { resourceArn: String(current.logGroupArn) });
    return {
      id: current.logGroupName,
      arn: current.logGroupArn,
      deletion_protection_enabled: current.deletionProtectionEnabled,
      kms_key_id: current.kmsKeyId ?? '',
      log_group_class: current.logGroupClass,
      name: current.logGroupName,
      name_prefix: '',
      retention_in_days: current.retentionInDays ?? 0,
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
      add: (tags) => perform(logs.operations.TagResource, { resourceArn, tags }),
      remove: (tagKeys) => perform(logs.operations.UntagResource, { resourceArn, tagKeys }),
    });
  },
  async delete(state, { account: { logs }, perform }) {
    if (!state.skip_destroy) await ignoreNotFound(() => perform(logs.operations.DeleteLogGroup, group(state)));
  },
};

/** Attributes of an alarm by their names in Terraform. */
const ATTRIBUTES = {
  comparison_operator: 'ComparisonOperator',
  metric_name: 'MetricName',
  namespace: 'Namespace',
  statistic: 'Statistic',
  treat_missing_data: 'TreatMissingData',
  alarm_description: 'AlarmDescription',
  datapoints_to_alarm: 'DatapointsToAlarm',
  evaluation_periods: 'EvaluationPeriods',
  period: 'Period',
  threshold: 'Threshold',
  alarm_actions: 'AlarmActions',
  ok_actions: 'OKActions',
  insufficient_data_actions: 'InsufficientDataActions',
} as const satisfies Readonly<Record<string, keyof MetricAlarm>>;

/** aws_cloudwatch_metric_alarm */
export const cloudwatchMetricAlarm: ResourceType = {
  supportedPaths: ['alarm_name', 'actions_enabled', 'dimensions', 'tags', ...Object.keys(ATTRIBUTES)],
  async create(planned, { account: { cloudwatch }, perform }) {
    await perform(cloudwatch.operations.PutMetricAlarm, { ...alarm(planned), Tags: fromTags(tagsOf(planned)) });
    return text(planned, 'alarm_name');
  },
  read: (state, { account: { cloudwatch }, perform }) =>
    undefinedIfNotFound(async () => {
      const { MetricAlarms } = await perform(cloudwatch.operations.DescribeAlarms, { AlarmNames: [text(state, 'id')] });
      const [current] = MetricAlarms;
      if (!current) return undefined;
      const { Tags: tags } = await perform(cloudwatch.operations.ListTagsForResource, { ResourceARN: String(current.AlarmArn) });
      return {
        ...Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, member]) => [name, current[member] ?? null])),
        id: current.AlarmName,
        arn: current.AlarmArn,
        alarm_name: current.AlarmName,
        actions_enabled: current.ActionsEnabled,
        dimensions: Object.fromEntries((current.Dimensions ?? []).map((dimension) => [dimension.Name, dimension.Value])),
        evaluate_low_sample_count_percentiles: '',
        tags_all: toTags(tags),
      };
    }),
  async update(prior, planned, _changed, { account: { cloudwatch }, perform }) {
    const ResourceARN = text(prior, 'arn');
    await perform(cloudwatch.operations.PutMetricAlarm, alarm(planned));
    await syncTags(prior, planned, {
      add: (tags) => perform(cloudwatch.operations.TagResource, { ResourceARN, Tags: fromTags(tags) }),
      remove: (TagKeys) => perform(cloudwatch.operations.UntagResource, { ResourceARN, TagKeys }),
    });
  },
  delete: (state, { account: { cloudwatch }, perform }) =>
    ignoreNotFound(() => perform(cloudwatch.operations.DeleteAlarms, { AlarmNames: [text(state, 'id')] })),
};

function alarm(planned: Values): PutMetricAlarmInput {
  return {
    AlarmName: text(planned, 'alarm_name'),
    AlarmDescription: optionalText(planned, 'alarm_description'),
    ActionsEnabled: Boolean(planned.actions_enabled),
    AlarmActions: listOfTexts(planned, 'alarm_actions'),
    OKActions: listOfTexts(planned, 'ok_actions'),
    InsufficientDataActions: listOfTexts(planned, 'insufficient_data_actions'),
    Namespace: optionalText(planned, 'namespace'),
    MetricName: optionalText(planned, 'metric_name'),
    Dimensions: Object.entries(textsOf(planned.dimensions)).map(([Name, Value]) => ({ Name, Value })),
    Statistic: optionalText(planned, 'statistic') as 'Sum' | undefined,
    Period: optionalNumber(planned, 'period'),
    EvaluationPeriods: optionalNumber(planned, 'evaluation_periods'),
    DatapointsToAlarm: optionalNumber(planned, 'datapoints_to_alarm'),
    Threshold: optionalNumber(planned, 'threshold'),
    ComparisonOperator: optionalText(planned, 'comparison_operator') as 'GreaterThanThreshold' | undefined,
    TreatMissingData: optionalText(planned, 'treat_missing_data'),
  };
}
