import type { MetricAlarm, PutMetricAlarmInput, Tag } from '@aws-sdk/client-cloudwatch';
import type { AccountContext, Service } from '../account-context';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { fromTags, removeTags, type Tags, toTags } from '../tags';

const operation = operationsOf('cloudwatch', ['ResourceARN']);

/** CloudWatch alarms, kept but not evaluated: the lab has no metrics, so an alarm stays in INSUFFICIENT_DATA. */
export class CloudWatch implements Service {
  readonly accessDenied = { code: 'AccessDenied', status: 403 };
  private readonly alarms = new Map<string, { alarm: MetricAlarm; tags: Tags }>();

  constructor(private readonly account: AccountContext) {}

  readonly operations = {
    PutMetricAlarm: operation<PutMetricAlarmInput, Record<string, never>>('PutMetricAlarm', {
      event: 'write',
      target: (input) => ({ resource: this.arn(String(input.AlarmName)) }),
      run: (input) => {
        const { Tags: given, AlarmName: name = '', ...rest } = input;
        const known = this.alarms.get(name);
        const alarm: MetricAlarm = { StateValue: 'INSUFFICIENT_DATA', ...rest, AlarmName: name, AlarmArn: this.arn(name) };
        this.alarms.set(name, { alarm, tags: known?.tags ?? toTags(given) });
        return {};
      },
    }),
    DescribeAlarms: operation<{ AlarmNames?: string[] }, { MetricAlarms: MetricAlarm[] }>('DescribeAlarms', {
      event: 'read',
      target: (input) => ({ resource: input.AlarmNames?.length === 1 ? this.arn(String(input.AlarmNames[0])) : this.arn('*') }),
      run: (input) => ({
        MetricAlarms: [...this.alarms.values()].map(({ alarm }) => alarm).filter((alarm) => input.AlarmNames?.includes(String(alarm.AlarmName)) ?? true),
      }),
    }),
    DeleteAlarms: operation<{ AlarmNames: string[] }, Record<string, never>>('DeleteAlarms', {
      event: 'write',
      target: (input) => ({ resource: this.arn(String(input.AlarmNames[0])) }),
      run: (input) => {
        for (const name of input.AlarmNames) this.alarms.delete(name);
        return {};
      },
    }),
    DisableAlarmActions: operation<{ AlarmNames: string[] }, Record<string, never>>('DisableAlarmActions', {
      event: 'write',
      target: (input) => ({ resource: this.arn(String(input.AlarmNames[0])) }),
      run: (input) => {
        for (const name of input.AlarmNames) {
          const known = this.alarms.get(name);
          if (known) known.alarm.ActionsEnabled = false;
        }
        return {};
      },
    }),
    ListTagsForResource: operation<{ ResourceARN: string }, { Tags: Tag[] }>('ListTagsForResource', {
      event: 'read',
      target: (input) => ({ resource: input.ResourceARN }),
      run: (input) => ({ Tags: fromTags(this.byArn(input.ResourceARN).tags) }),
    }),
    TagResource: operation<{ ResourceARN: string; Tags: Tag[] }, Record<string, never>>('TagResource', {
      event: 'write',
      target: (input) => ({ resource: input.ResourceARN }),
      run: (input) => {
        Object.assign(this.byArn(input.ResourceARN).tags, toTags(input.Tags));
        return {};
      },
    }),
    UntagResource: operation<{ ResourceARN: string; TagKeys: string[] }, Record<string, never>>('UntagResource', {
      event: 'write',
      target: (input) => ({ resource: input.ResourceARN }),
      run: (input) => {
        if (input.TagKeys.length > 0) removeTags(this.byArn(input.ResourceARN).tags, input.TagKeys);
        return {};
      },
    }),
  };

  private arn(name: string): string {
    return this.account.arn('cloudwatch', `alarm:${name}`);
  }

  private byArn(arn: string) {
    const entry = [...this.alarms.values()].find(({ alarm }) => alarm.AlarmArn === arn);
    if (!entry) throw new ServiceError('ResourceNotFoundException', `${arn} does not exist`, 404);
    return entry;
  }
}
