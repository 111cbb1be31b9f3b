import type { ContextInput } from '../../evaluator/request';
import type { Deployment } from '../graph/deployment';
import { granting, idName, type OperationModel, type OperationStep, tableContext, throughService, WITHOUT_TLS } from './operation';

/** Single calls on items or the table, by the last part of their ids. */
const TABLE_ACTIONS: Readonly<Record<string, string>> = {
  get: 'GetItem',
  query: 'Query',
  scan: 'Scan',
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  'batch-get': 'BatchGetItem',
  'batch-write': 'BatchWriteItem',
  describe: 'DescribeTable',
};

/** What DynamoDB asks of KMS for a caller who gives a table a key, before it asks for a grant. */
const KEY_SELECTION = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'];

/** Operations on tables. */
export const tableOperations = (deployment: Deployment): OperationModel[] =>
  deployment.tables.flatMap((table): OperationModel[] => {
    const id = `table/${idName(deployment, table.name)}` as const;
    const encryptionContext = tableContext(table.name, deployment.account);
    const withKey = (actions: readonly string[], context: Readonly<Record<string, string>> = encryptionContext) =>
      throughService(deployment, table.keyArn, actions, 'dynamodb', context);
    const steps = (action: string, context?: ContextInput): OperationStep[] => [
      { action: `dynamodb:${action}`, resource: table.arn, policy: table.policy, context },
      ...(action === 'DescribeTable' ? [] : withKey(['Decrypt'])),
    ];
    return [
      ...Object.entries(TABLE_ACTIONS).map(([name, action]): OperationModel => ({ id: `${id}/${name}`, steps: steps(action) })),
      { id: `${id}/get-without-tls`, steps: steps('GetItem', WITHOUT_TLS) },
      {
        id: `${id}/select-key`,
        steps: [
          { action: 'dynamodb:UpdateTable', resource: table.arn, policy: table.policy },
          ...withKey(['DescribeKey'], {}),
          ...withKey(KEY_SELECTION),
          ...withKey(['CreateGrant']).map((step) => granting(step, true)),
        ],
      },
    ];
  });
