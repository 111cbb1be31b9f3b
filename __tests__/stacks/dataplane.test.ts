import { Dataplane } from '../../stacks/dataplane/dataplane';
import type { Settings } from '../../stacks/settings';
import { NAMES, PLACE, role, settingsWith, statementsOf, synthesize } from './support';

const KEYS = {
  queue: 'arn:aws:kms:eu-west-1:111122223333:key/q',
  table: 'arn:aws:kms:eu-west-1:111122223333:key/t',
  logs: 'arn:aws:kms:eu-west-1:111122223333:key/l',
};
const DEPLOYERS = [role('DeployerRole')];
const synth = (values: Partial<Settings> = {}) =>
  synthesize((scope) => {
    new Dataplane(scope, 'dataplane', {
      settings: settingsWith(values),
      names: NAMES,
      environment: PLACE,
      keyArns: KEYS,
      consumerRoleArn: role('ConsumerRole'),
      deployers: DEPLOYERS,
    });
  });

describe('the stack dataplane', () => {
  const resources = synth();
  const queues = Object.fromEntries(resources('aws_sqs_queue').map((queue) => [queue.name, queue]));

  it('encrypts queue and dead-letter queue with the key of the queue', () => {
    for (const name of ['demo-people', 'demo-people-dead-letters']) expect(queues[name]).toMatchObject({ kms_master_key_id: KEYS.queue });
  });

  it('redrives after five receives, and only this queue’s messages', () => {
    expect(queues['demo-people']?.redrive_policy).toContain('"maxReceiveCount":5');
    const [allow] = resources('aws_sqs_queue_redrive_allow_policy');
    expect(allow?.redrive_allow_policy).toContain('"redrivePermission":"byQueue"');
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
    const policy = JSON.stringify(resources('aws_sqs_queue_policy'));
    expect(policy).toContain('demo-SQSAccessRole');
    expect(policy).toContain('demo-SQSAccessNotAllowedRole');
  });

  it('keeps the table’s items from whoever selected its key', () => {
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

  it('watches dead letters, age, errors and throttles, and tells a topic when there is one', () => {
    const watched = resources('aws_cloudwatch_metric_alarm').map((alarm) => alarm.metric_name);
    expect(new Set(watched)).toEqual(new Set(['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage', 'Errors', 'Throttles']));
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
