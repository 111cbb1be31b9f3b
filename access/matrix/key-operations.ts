import type { ContextInput } from '../../evaluator/request';
import { LOGS_KEY } from '../application';
import type { Deployment, KeyModel } from '../graph/deployment';
import { decoyArns } from './decoys';
import { idName, idOfLogs, type OperationModel, type OperationStep } from './operation';

const CRYPTOGRAPHY = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'CreateGrant'];

/** What CloudWatch Logs needs of the key of a log group. */
const LOGS_ACTIONS = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];

const onKey = ({ arn, policy, grants }: KeyModel, action: string, context?: ContextInput): OperationStep => ({
  action: `kms:${action}`,
  resource: arn,
  policy,
  grants,
  context,
});

/** What people do to keys, or with them directly. */
export const keyOperations = (deployment: Deployment): OperationModel[] =>
  deployment.keys.flatMap((key): OperationModel[] => {
    const id = `key/${idName(deployment, key.name)}` as const;
    return [
      ...CRYPTOGRAPHY.map(
        (action): OperationModel => ({
          id: `${id}/${action}-directly`,
          steps: [onKey(key, action, action === 'CreateGrant' ? { 'kms:GrantIsForAWSResource': 'false' } : undefined)],
        }),
      ),
      { id: `${id}/describe`, steps: [onKey(key, 'DescribeKey')] },
      { id: `${id}/change-policy`, steps: [onKey(key, 'PutKeyPolicy')] },
      { id: `${id}/disable`, steps: [onKey(key, 'DisableKey')] },
      { id: `${id}/schedule-deletion`, steps: [onKey(key, 'ScheduleKeyDeletion')] },
      { id: `${id}/cancel-deletion`, steps: [onKey(key, 'CancelKeyDeletion')] },
    ];
  });

/** What CloudWatch Logs asks of KMS in its own name. */
export function logsKeyOperations(deployment: Deployment): OperationModel[] {
  const key = deployment.keys.find(({ name }) => name.endsWith(LOGS_KEY));
  if (!key) return [];
  const id = `key/${idName(deployment, key.name)}` as const;
  const use = (groupArn: string, actions: readonly string[]) => actions.map((action) => onKey(key, action, { 'kms:EncryptionContext:aws:logs:arn': groupArn }));
  const { logGroups } = deployment;
  return [
    ...logGroups.map((group): OperationModel => ({ id: `${id}/encrypt-logs/${idOfLogs(deployment, group.name)}`, steps: use(group.arn, LOGS_ACTIONS) })),
    ...logGroups.map(
      (group): OperationModel => ({
        id: `${id}/make-key-pairs-for-logs/${idOfLogs(deployment, group.name)}`,
        steps: use(group.arn, ['GenerateDataKeyPair']),
      }),
    ),
    { id: `${id}/encrypt-other-logs`, steps: use(decoyArns(deployment).logGroup, LOGS_ACTIONS) },
  ];
}
