import { Dataplane } from '../../stacks/dataplane/dataplane';
import type { Settings } from '../../stacks/settings';
import { ENVIRONMENT, NAMES, role, type Statement, settingsWith, statementsOf, synthesize } from './support';

const KEYS = {
  queue: 'arn:aws:kms:eu-west-1:111122223333:key/q',
  table: 'arn:aws:kms:eu-west-1:111122223333:key/t',
  logs: 'arn:aws:kms:eu-west-1:111122223333:key/l',
};
const DEPLOYERS = [role('DeployerRole')];
/** Every principal ARN that a statement's conditions name. */
const arnsOf = (statement: Statement) => Object.values(statement.Condition ?? {}).flatMap((keys) => Object.values(keys).flat());
const synth = (values: Partial<Settings> = {}) =>
  synthesize((scope) => {
    new Dataplane(scope, 'dataplane', {
      settings: settingsWith(values),
      names: NAMES,
      environment: ENVIRONMENT,
      keyArns: KEYS,
      consumerRoleArn: role('ConsumerRole'),
      deployers: DEPLOYERS,
    });
  });

describe('the stack dataplane', () => {
  const resources = synth();
  const { addressOf } = resources;
  const queues = Object.fromEntries(resources('aws_sqs_queue').map((queue) => [queue.name, queue]));

  it('encrypts queue and dead-letter queue with the key of the queue', () => {
    for (const name of ['demo-people', 'demo-people-dead-letters']) expect(queues[name]).toMatchObject({ kms_master_key_id: KEYS.queue });
  });

  it('redrives after five receives, and only this queue’s messages', () => {
    const [queue, deadLetterQueue] = ['demo-people', 'demo-people-dead-letters'].map((name) => addressOf('aws_sqs_queue', name));
    const redrive = { deadLetterTargetArn: `\${${deadLetterQueue}.arn}`, maxReceiveCount: 5 };
    expect(JSON.parse(String(queues['demo-people']?.redrive_policy))).toEqual(redrive);
    const [allow, ...others] = resources('aws_sqs_queue_redrive_allow_policy');
    expect(others).toEqual([]);
    expect(allow?.queue_url).toBe(`\${${deadLetterQueue}.url}`);
    expect(JSON.parse(String(allow?.redrive_allow_policy))).toEqual({ redrivePermission: 'byQueue', sourceQueueArns: [`\${${queue}.arn}`] });
  });

  it('leaves no plain-text path to queues and table', () => {
    const documents = [...resources('aws_sqs_queue_policy'), ...resources('aws_dynamodb_resource_policy')];
    expect(documents).toHaveLength(3);
    for (const document of documents) {
      expect(statementsOf(document)[0]).toMatchObject({ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    }
  });

  it('allows nothing by resource policies, so no wildcard principal lets anybody in', () => {
    const documents = [...resources('aws_sqs_queue_policy'), ...resources('aws_dynamodb_resource_policy')];
    expect(documents.flatMap((document) => statementsOf(document)).filter((statement) => statement.Effect === 'Allow')).toEqual([]);
  });

  it('treats both roles of the producer pair alike in the queue policy', () => {
    const policy = resources('aws_sqs_queue_policy').find(({ queue_url }) => queue_url === `\${${addressOf('aws_sqs_queue', 'demo-people')}.url}`);
    const naming = statementsOf(policy ?? {}).filter((statement) => JSON.stringify(statement).includes('demo-SQSAccess'));
    expect(naming.length).toBeGreaterThan(0);
    for (const statement of naming) expect(arnsOf(statement)).toEqual(expect.arrayContaining([role('SQSAccessRole'), role('SQSAccessNotAllowedRole')]));
  });

  it('keeps the table’s items from those who select its key', () => {
    const [policy] = resources('aws_dynamodb_resource_policy');
    const deny = statementsOf(policy ?? {}).find((statement) => statement.Sid === 'DenyItemsToDeployers');
    expect(deny).toMatchObject({ Effect: 'Deny', Principal: { AWS: DEPLOYERS } });
    expect(deny?.Action).toEqual(
      expect.arrayContaining(['dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:PartiQLSelect']),
    );
  });

  it('encrypts the table with its own key, recoverable and protected', () => {
    expect(resources('aws_dynamodb_table')).toEqual([
      expect.objectContaining({
        hash_key: 'Name',
        range_key: 'Firstname',
        billing_mode: 'PAY_PER_REQUEST',
        deletion_protection_enabled: true,
        server_side_encryption: { enabled: true, kms_key_arn: KEYS.table },
        point_in_time_recovery: { enabled: true },
      }),
    ]);
  });

  it('encrypts the log group and limits its retention', () => {
    expect(resources('aws_cloudwatch_log_group')).toEqual([
      expect.objectContaining({ name: '/aws/lambda/demo-consumer', kms_key_id: KEYS.logs, retention_in_days: 30 }),
    ]);
  });

  it('runs the packaged function on arm64 with tracing and JSON logs', () => {
    const [lambda] = resources('aws_lambda_function');
    expect(lambda).toMatchObject({
      architectures: ['arm64'],
      tracing_config: { mode: 'Active' },
      logging_config: { log_format: 'JSON' },
      reserved_concurrent_executions: -1,
    });
    expect(lambda?.source_code_hash).toMatch(/^\$\{data\.archive_file\..*\.output_base64sha256\}$/);
  });

  it('reports partial failures and limits concurrency at the mapping, once the queue’s policy is in place', () => {
    const [mapping] = resources('aws_lambda_event_source_mapping');
    expect(mapping).toMatchObject({ function_response_types: ['ReportBatchItemFailures'], scaling_config: { maximum_concurrency: 5 } });
    expect(mapping?.depends_on).toEqual([expect.stringContaining('aws_sqs_queue_policy.')]);
  });

  it('watches dead-letter messages, age, errors and throttles, and tells a topic when there is one', () => {
    const watched = resources('aws_cloudwatch_metric_alarm').map(({ metric_name, dimensions, statistic, comparison_operator, threshold, period }) => [
      metric_name,
      { dimensions, statistic, comparison_operator, threshold, period },
    ]);
    const above = { comparison_operator: 'GreaterThanThreshold', period: 60 };
    const consumer = { ...above, dimensions: { FunctionName: 'demo-consumer' }, statistic: 'Sum', threshold: 0 };
    expect(watched).toHaveLength(4);
    expect(Object.fromEntries(watched)).toEqual({
      ApproximateNumberOfMessagesVisible: { ...above, dimensions: { QueueName: 'demo-people-dead-letters' }, statistic: 'Maximum', threshold: 0 },
      ApproximateAgeOfOldestMessage: { ...above, dimensions: { QueueName: 'demo-people' }, statistic: 'Maximum', threshold: 900 },
      Errors: consumer,
      Throttles: consumer,
    });
    const topic = 'arn:aws:sns:eu-west-1:111122223333:alarms';
    for (const alarm of synth({ alarmTopicArn: topic })('aws_cloudwatch_metric_alarm')) expect(alarm.alarm_actions).toEqual([topic]);
  });

  it('follows the settings', () => {
    const changed = synth({ deletionProtection: false, visibilityTimeoutSeconds: 300, reservedConcurrency: 3 });
    expect(changed('aws_dynamodb_table')[0]?.deletion_protection_enabled).toBe(false);
    expect(changed('aws_sqs_queue').find((queue) => queue.name === 'demo-people')?.visibility_timeout_seconds).toBe(300);
    expect(changed('aws_lambda_function')[0]?.reserved_concurrent_executions).toBe(3);
  });
});
