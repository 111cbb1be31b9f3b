import { randomInt } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-dynamodb';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { StoredPolicy } from '../stored-policy';
import { fromTags, removeTags, toTags } from '../tags';
import type { Table } from './table';
import type { TableStore } from './table-store';

const operation = operationsOf('dynamodb', ['TableName', 'ResourceArn', 'RequestItems']);

/** A resource named by its ARN. */
interface ArnInput {
  ResourceArn: string;
}
interface TableNamed {
  TableName: string;
}

/** Resource policy, tags, recovery and time-to-live of tables. */
export function tableSettingOperations(dynamodb: TableStore) {
  const byArn = (input: ArnInput) => dynamodb.target(input.ResourceArn);
  const byName = (input: TableNamed) => dynamodb.target(input.TableName);
  const backups = ({ pointInTimeRecovery: { enabled, days } }: Table) => ({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: enabled ? 'ENABLED' : 'DISABLED', ...(enabled ? { RecoveryPeriodInDays: days } : {}) },
    },
  });
  const policyOf = (arn: string) => {
    const { policy } = dynamodb.find(arn);
    if (!policy) throw new ServiceError('PolicyNotFoundException', `Resource-based policy not found for the provided ResourceArn: ${arn}`);
    return policy;
  };
  return {
    PutResourcePolicy: operation<ArnInput & { Policy: string; ConfirmRemoveSelfResourceAccess?: boolean }, { RevisionId: string }>('PutResourcePolicy', {
      event: 'write',
      target: byArn,
      run: (input) => {
        const table = dynamodb.find(input.ResourceArn);
        const invalid = () => new ServiceError('ValidationException', 'Invalid policy document: the policy names a principal that does not exist');
        const stored = new StoredPolicy(dynamodb.account.iam, `policy of table ${table.name}`, input.Policy, 'resource', invalid);
        table.policy = { stored, revision: String(randomInt(2 ** 47)) };
        return { RevisionId: table.policy.revision };
      },
    }),
    GetResourcePolicy: operation<ArnInput, { Policy: string; RevisionId: string }>('GetResourcePolicy', {
      event: 'read',
      target: byArn,
      run: (input) => {
        const { stored, revision } = policyOf(input.ResourceArn);
        return { Policy: stored.text(), RevisionId: revision };
      },
    }),
    DeleteResourcePolicy: operation<ArnInput, { RevisionId: string }>('DeleteResourcePolicy', {
      event: 'write',
      target: byArn,
      run: (input) => {
        const { revision } = policyOf(input.ResourceArn);
        delete dynamodb.find(input.ResourceArn).policy;
        return { RevisionId: revision };
      },
    }),
    ListTagsOfResource: operation<ArnInput, { Tags: Tag[] }>('ListTagsOfResource', {
      event: 'read',
      target: byArn,
      run: (input) => ({ Tags: fromTags(dynamodb.find(input.ResourceArn).tags) }),
    }),
    TagResource: operation<ArnInput & { Tags: Tag[] }, object>('TagResource', {
      event: 'write',
      target: byArn,
      run: (input) => {
        Object.assign(dynamodb.find(input.ResourceArn).tags, toTags(input.Tags));
        return {};
      },
    }),
    UntagResource: operation<ArnInput & { TagKeys: string[] }, object>('UntagResource', {
      event: 'write',
      target: byArn,
      run: (input) => {
        if (input.TagKeys.length > 0) removeTags(dynamodb.find(input.ResourceArn).tags, input.TagKeys);
        return {};
      },
    }),
    DescribeContinuousBackups: operation<TableNamed, ReturnType<typeof backups>>('DescribeContinuousBackups', {
      event: 'read',
      target: byName,
      run: (input) => backups(dynamodb.find(input.TableName)),
    }),
    UpdateContinuousBackups: operation<
      TableNamed & { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: boolean; RecoveryPeriodInDays?: number } },
      ReturnType<typeof backups>
    >('UpdateContinuousBackups', {
      event: 'write',
      target: byName,
      run: (input) => {
        const table = dynamodb.find(input.TableName);
        const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days = 35 } = input.PointInTimeRecoverySpecification;
        table.pointInTimeRecovery = { enabled, days };
        return backups(table);
      },
    }),
    DescribeTimeToLive: operation<TableNamed, { TimeToLiveDescription: { TimeToLiveStatus: string } }>('DescribeTimeToLive', {
      event: 'read',
      target: byName,
      run: (input) => {
        dynamodb.find(input.TableName);
        return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } };
      },
    }),
    UpdateTimeToLive: operation<TableNamed, object>('UpdateTimeToLive', {
      event: 'write',
      target: byName,
      run: () => {
        throw notModelled('time to live');
      },
    }),
  };
}
