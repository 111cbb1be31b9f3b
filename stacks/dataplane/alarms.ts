import { CloudwatchMetricAlarm, type CloudwatchMetricAlarmConfig } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Construct } from 'constructs';
import type { Names } from '../names';
import type { Settings } from '../settings';

/** What the construct {@link Alarms} needs to know. */
export interface AlarmsProps {
  readonly settings: Settings;
  readonly names: Names;
}

type Watched = Required<Pick<CloudwatchMetricAlarmConfig, 'alarmDescription' | 'namespace' | 'metricName' | 'dimensions' | 'statistic' | 'threshold'>>;

/** A message older than this means that the consumer does not keep up, in seconds. */
const OLDEST_MESSAGE_SECONDS = 900;

/** What somebody must look at: dead-letter messages, a backlog, errors and throttles of the function. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { settings, names }: AlarmsProps) {
    super(scope, id);
    const queue = { QueueName: names.queue };
    const deadLetterQueue = { QueueName: names.deadLetterQueue };
    const consumer = { FunctionName: names.function };
    const watched: Readonly<Record<string, Watched>> = {
      'dead-letters': {
        alarmDescription: 'Messages that the consumer could not process wait in the dead-letter queue',
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        dimensions: deadLetterQueue,
        statistic: 'Maximum',
        threshold: 0,
      },
      'oldest-message': {
        alarmDescription: 'The consumer does not keep up with the queue, or cannot read it',
        namespace: 'AWS/SQS',
        metricName: 'ApproximateAgeOfOldestMessage',
        dimensions: queue,
        statistic: 'Maximum',
        threshold: OLDEST_MESSAGE_SECONDS,
      },
      errors: {
        alarmDescription: 'The consumer fails as a whole',
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensions: consumer,
        statistic: 'Sum',
        threshold: 0,
      },
      throttles: {
        alarmDescription: 'The consumer gets no concurrency',
        namespace: 'AWS/Lambda',
        metricName: 'Throttles',
        dimensions: consumer,
        statistic: 'Sum',
        threshold: 0,
      },
    };
    for (const [name, alarm] of Object.entries(watched)) {
      new CloudwatchMetricAlarm(this, name, {
        ...alarm,
        alarmName: names.of(name),
        comparisonOperator: 'GreaterThanThreshold',
        period: 60,
        evaluationPeriods: 1,
        treatMissingData: 'notBreaching',
        alarmActions: settings.alarmTopicArn ? [settings.alarmTopicArn] : undefined,
      });
    }
  }
}
