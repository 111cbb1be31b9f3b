import type { Arns, KeyName } from '../names';
import { type PolicyDocument, policy, type Statement } from './document';

/** The principals that a key policy names one by one. */
export interface KeyPrincipals {
  readonly keyManager: string;
  /** Who maintains the keys with Terraform. */
  readonly deployers: string | readonly string[];
  readonly sender: string;
  readonly consumer: string;
  readonly operator: string;
  readonly tableUser: string;
}

/**
 * The policy of one key. There is no delegation to the account: IAM policies alone open nothing, and who is not named
 * here cannot use the key, whatever else it may do.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
export function keyPolicy(key: KeyName, arns: Arns, principals: KeyPrincipals): PolicyDocument {
  const use = { queue: queueUse, table: tableUse, logs: logsUse }[key];
  return policy(...administration(arns, principals), ...use(arns, principals));
}

const kms = (...names: readonly string[]) => names.map((name) => `kms:${name}`);

const MAINTAIN = kms(
  'DescribeKey',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListResourceTags',
  'PutKeyPolicy',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateKeyDescription',
);

/** Management of the key itself; no cryptographic operation. */
function administration(arns: Arns, principals: KeyPrincipals): Statement[] {
  return [
    {
      Sid: 'AdministrationByKeyManager',
      Effect: 'Allow',
      Principal: { AWS: principals.keyManager },
      Action: [...MAINTAIN, ...kms('CancelKeyDeletion', 'ListGrants', 'ListKeyPolicies', 'RevokeGrant')],
      Resource: '*',
    },
    {
      // The principal means the whole account; the condition leaves only its true root user.
      Sid: 'BreakGlassByRootUser',
      Effect: 'Allow',
      Principal: { AWS: arns.root },
      Action: kms('CancelKeyDeletion', 'DescribeKey', 'EnableKey', 'GetKeyPolicy', 'PutKeyPolicy'),
      Resource: '*',
      Condition: { ArnEquals: { 'aws:PrincipalArn': arns.root } },
    },
    {
      Sid: 'MaintenanceByDeployers',
      Effect: 'Allow',
      Principal: { AWS: principals.deployers },
      Action: [...MAINTAIN, ...kms('CreateAlias', 'DeleteAlias', 'UpdateAlias')],
      Resource: '*',
    },
  ];
}

/** Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
function queueUse(arns: Arns, principals: KeyPrincipals): Statement[] {
  // That SQS uses the queue's ARN as encryption context is widely relied upon, but unconfirmed by an AWS page.
  const through = (...queues: readonly string[]) => ({
    StringEquals: { 'kms:ViaService': arns.viaService('sqs'), 'kms:EncryptionContext:aws:sqs:arn': queues.length === 1 ? (queues[0] as string) : queues },
  });
  return [
    {
      Sid: 'SendByProducer',
      Effect: 'Allow',
      Principal: { AWS: principals.sender },
      Action: kms('GenerateDataKey', 'Decrypt'),
      Resource: '*',
      Condition: through(arns.queue),
    },
    {
      Sid: 'ReceiveByConsumer',
      Effect: 'Allow',
      Principal: { AWS: principals.consumer },
      Action: kms('Decrypt'),
      Resource: '*',
      Condition: through(arns.queue),
    },
    {
      // A dead-letter message keeps the encryption of the queue it came from.
      Sid: 'ReadDeadLettersByOperator',
      Effect: 'Allow',
      Principal: { AWS: principals.operator },
      Action: kms('Decrypt'),
      Resource: '*',
      Condition: through(arns.queue, arns.deadLetterQueue),
    },
    {
      Sid: 'RedriveByOperator',
      Effect: 'Allow',
      Principal: { AWS: principals.operator },
      Action: kms('GenerateDataKey'),
      Resource: '*',
      Condition: through(arns.queue),
    },
  ];
}

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
function tableUse(arns: Arns, principals: KeyPrincipals): Statement[] {
  const throughTable = {
    'kms:ViaService': arns.viaService('dynamodb'),
    'kms:EncryptionContext:aws:dynamodb:tableName': arns.names.table,
    'kms:EncryptionContext:aws:dynamodb:subscriberId': arns.environment.account,
  };
  return [
    {
      Sid: 'WriteByConsumer',
      Effect: 'Allow',
      Principal: { AWS: principals.consumer },
      Action: kms('Decrypt'),
      Resource: '*',
      Condition: { StringEquals: throughTable },
    },
    {
      Sid: 'ReadAndWriteByTableUser',
      Effect: 'Allow',
      Principal: { AWS: principals.tableUser },
      Action: kms('Decrypt'),
      Resource: '*',
      Condition: { StringEquals: throughTable },
    },
    {
      // AWS asks this of the principal that selects the key of a table; the table's own policy keeps them from its items.
      Sid: 'SelectionForTableByDeployers',
      Effect: 'Allow',
      Principal: { AWS: principals.deployers },
      Action: kms('Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'),
      Resource: '*',
      Condition: { StringEquals: throughTable },
    },
    {
      // kms:GrantIsForAWSResource is a second lock (second-locks.ts): kms:ViaService lets through nothing but DynamoDB's grants.
      Sid: 'GrantToTableByDeployers',
      Effect: 'Allow',
      Principal: { AWS: principals.deployers },
      Action: kms('CreateGrant'),
      Resource: '*',
      Condition: { StringEquals: throughTable, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ];
}

/** Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function logsUse(arns: Arns): Statement[] {
  return [
    {
      Sid: 'LogsOfConsumerOnly',
      Effect: 'Allow',
      Principal: { Service: `logs.${arns.environment.region}.amazonaws.com` },
      Action: kms('Decrypt', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'),
      Resource: '*',
      Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': arns.logGroup } },
    },
  ];
}
