import { UNKNOWN } from '../../evaluator/unknown';
import type { AwsManagedKey } from './key-references';

/**
 * The services whose AWS managed key lets in everybody of the account whom the service lets in, with the page that says so.
 */
const DOCUMENTED: Readonly<Record<string, string>> = {
  'alias/aws/dynamodb': 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html',
  'alias/aws/secretsmanager': 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html',
  'alias/aws/sqs': 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html',
  'alias/aws/ssm': 'https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html',
};

/** The policy of an AWS managed key; UNKNOWN where AWS's pages do not tell it. */
export function awsManagedKeyPolicy({ alias, region }: AwsManagedKey, account: string): string {
  if (DOCUMENTED[alias] === undefined) return UNKNOWN;
  const statement = {
    Sid: 'AllowAccessThroughTheService',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:CreateGrant', 'kms:DescribeKey'],
    Resource: '*',
    Condition: { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${alias.slice('alias/aws/'.length)}.${region}.amazonaws.com` } },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
