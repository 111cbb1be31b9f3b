import { type Deployment, policySourceId, type StoreModel } from '../graph/deployment';
import { idName, idOfLogs, type OperationStep, queueContext, tableContext, throughService, viaService } from '../matrix/operation';
import { type ActionSomewhere, allOf, type EscalationStep, heldBy, type PolicyChange, request } from './escalation-step';

/** The policy of a queue or table allows everything from then on; also where it has none yet. */
const open = ({ arn, policy }: StoreModel, becomes: PolicyChange['becomes'] = 'open'): PolicyChange => ({
  becomes,
  sourceId: policy ? policySourceId(policy) : heldBy(arn),
});

/** The policies of the key of a queue or table. */
const openKeys = (deployment: Deployment, { keyArn }: StoreModel): PolicyChange[] =>
  deployment.keys.filter(({ arn }) => arn === keyArn).map(({ policy }) => ({ becomes: 'open', sourceId: policySourceId(policy) }));

/**
 * A key that is replaced protects nothing that is sent from then on; dead-letter messages keep that of their source queue.
 *
 * Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html
 */
export function queueSteps(deployment: Deployment): EscalationStep[] {
  const deadLetterArns = new Set(deployment.queues.map(({ deadLetterArn }) => deadLetterArn));
  return deployment.queues.flatMap((queue): EscalationStep[] => {
    const id = `queue/${idName(deployment, queue.name)}` as const;
    const keys = deadLetterArns.has(queue.arn) ? [] : openKeys(deployment, queue);
    const onQueue = (action: string) => request(`sqs:${action}`, queue.arn, queue.policy);
    return [
      { id: keys.length > 0 ? `${id}/change-policy-and-key` : `${id}/change-policy`, needs: allOf(`${id}/set-attributes`), changes: [open(queue), ...keys] },
      { id: `${id}/add-permission`, needs: allOf(onQueue('AddPermission')), changes: [open(queue, 'wider')] },
      ...(queue.policy ? [{ id: `${id}/remove-permission` as const, needs: allOf(onQueue('RemovePermission')), changes: [open(queue, 'gone')] }] : []),
      // One of the same name gets what producers send from then on.
      { id: `${id}/replace`, needs: allOf(onQueue('DeleteQueue'), onQueue('CreateQueue')), changes: [open(queue), ...keys] },
      { id: `${id}/move-messages`, needs: movedMessages(deployment, queue), copies: [id] },
    ];
  });
}

/**
 * Messages are moved to a queue that is none of the deployment's: SQS receives and sends for its caller.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
function movedMessages(deployment: Deployment, queue: StoreModel): EscalationStep['needs'] {
  const source = deployment.queues.find(({ deadLetterArn }) => deadLetterArn === queue.arn) ?? queue;
  const taken = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => request(`sqs:${action}`, queue.arn, queue.policy, viaService('sqs')));
  const steps: OperationStep[] = [
    request('sqs:StartMessageMoveTask', queue.arn, queue.policy),
    ...taken,
    ...throughService(deployment, source.keyArn, ['Decrypt'], 'sqs', queueContext(source.arn)),
  ];
  return allOf(...steps, { anyOf: ['sqs:SendMessage'], except: deployment.queues.map(({ arn }) => arn), inAnyAccount: true, onlyHelps: true });
}

/**
 * A key that is replaced protects nothing that is written from then on. What copies a table takes no permission of the caller
 * on the key that AWS documents: DynamoDB has a grant.
 *
 * Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_IAM.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html,
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
 */
export const tableSteps = (deployment: Deployment): EscalationStep[] =>
  deployment.tables.flatMap((table): EscalationStep[] => {
    const [name, id] = [idName(deployment, table.name), `table/${idName(deployment, table.name)}` as const];
    const onTable = (action: string) => request(`dynamodb:${action}`, table.arn, table.policy);
    return [
      { id: `${id}/change-policy`, needs: allOf(`permission/table/${name}/dynamodb:PutResourcePolicy`), changes: [open(table)] },
      { id: `${id}/change-key`, needs: allOf(`permission/table/${name}/dynamodb:UpdateTable`), changes: openKeys(deployment, table) },
      { id: `${id}/replace`, needs: ['DeleteTable', 'CreateTable'].map((action) => [onTable(action)]), changes: [open(table), ...openKeys(deployment, table)] },
      ...(table.policy
        ? [{ id: `${id}/remove-policy` as const, needs: allOf(`permission/table/${name}/dynamodb:DeleteResourcePolicy`), changes: [open(table, 'gone')] }]
        : []),
      ...copyingSteps(deployment, table).map(([what, needs]): EscalationStep => ({ id: `${id}/${what}`, needs, copies: [id] })),
    ];
  });

type Copying = readonly [
  'return-values' | 'export' | 'restore' | 'restore-backup' | 'restore-with-aws-backup' | 'share-backup' | 'read-stream' | 'stream' | 'replicate',
  EscalationStep['needs'],
];

function copyingSteps(deployment: Deployment, { name, arn, policy, keyArn }: StoreModel): Copying[] {
  const { tables, account } = deployment;
  const onTable = (...actions: readonly string[]) => actions.map((action) => request(`dynamodb:${action}`, arn, policy));
  const onPart = (action: string, part: string) => [request(`dynamodb:${action}`, `${arn}/${part}`)];
  const readElsewhere: ActionSomewhere = { anyOf: READ_ACTIONS, except: tables.map((table) => table.arn), inAnyAccount: true, onlyHelps: true };
  const decrypted = allOf(...throughService(deployment, keyArn, ['Decrypt'], 'dynamodb', tableContext(name, account)));
  return [
    ['return-values', [onTable(...RETURNING_ACTIONS), ...decrypted]],
    ['export', [onTable('ExportTableToPointInTime')]],
    ['restore', [onTable('RestoreTableToPointInTime'), [readElsewhere]]],
    ['restore-backup', [onPart('RestoreTableFromBackup', 'backup/01700000000000-12345678'), [readElsewhere]]],
    ['restore-backup', [onTable('CreateBackup'), [{ anyOf: ['dynamodb:RestoreTableFromBackup', 'dynamodb:RestoreTableFromAwsBackup'] }], [readElsewhere]]],
    ['restore-with-aws-backup', [[{ anyOf: ['backup:StartRestoreJob'] }], [{ anyOf: ['iam:PassRole'], onlyHelps: true }], [readElsewhere]]],
    [
      'restore-with-aws-backup',
      [
        [{ anyOf: ['backup:StartBackupJob', 'dynamodb:StartAwsBackupJob'] }],
        [{ anyOf: ['backup:StartRestoreJob', 'dynamodb:RestoreTableFromAwsBackup'] }],
        [readElsewhere],
      ],
    ],
    ['share-backup', [[{ anyOf: SHARE_ACTIONS }]]],
    ['read-stream', [onPart('GetRecords', 'stream/2026-01-01T00:00:00.000')]],
    ['stream', [onTable('EnableKinesisStreamingDestination')]],
    ['stream', [onTable('UpdateTable'), [{ anyOf: ['dynamodb:GetRecords'] }]]],
    ['replicate', [onTable('CreateTableReplica', 'CreateGlobalTable', 'UpdateGlobalTable', 'AssociateTableReplica'), [readElsewhere]]],
  ];
}

const READ_ACTIONS = ['Scan', 'Query', 'GetItem', 'BatchGetItem', 'PartiQLSelect', 'ExportTableToPointInTime'].map((name) => `dynamodb:${name}`);

/**
 * Writing that answers with the item as it was or becomes.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html (ReturnValues)
 */
const RETURNING_ACTIONS = ['PutItem', 'UpdateItem', 'DeleteItem', 'PartiQLUpdate', 'PartiQLDelete'];

/** What lets another account copy the backups of a vault, or copies them there. */
const SHARE_ACTIONS = [
  'StartCopyJob',
  'PutBackupVaultAccessPolicy',
  'PutBackupVaultSharingPolicy',
  'CopyFromBackupVault',
  'CreateRestoreAccessBackupVault',
].map((name) => `backup:${name}`);

/**
 * What sends log events elsewhere, past and coming ones.
 *
 * Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html,
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html
 */
export const logSteps = (deployment: Deployment): EscalationStep[] =>
  deployment.logGroups.flatMap(({ name, arn }): EscalationStep[] => {
    const id = `logs/${idOfLogs(deployment, name)}` as const;
    // Policies write the ARN of a log group with and without the streams.
    const onGroup = (action: string) => [arn, `${arn}:*`].map((resource) => request(`logs:${action}`, resource));
    const ofAccount = ['logs:PutAccountPolicy', 'logs:AssociateSourceToS3TableIntegration', 'logs:CreateScheduledQuery', 'logs:UpdateScheduledQuery'];
    return [
      { id: `${id}/subscribe`, needs: [[...onGroup('PutSubscriptionFilter'), { anyOf: ofAccount }]], copies: [id] },
      { id: `${id}/export`, needs: [onGroup('CreateExportTask')], copies: [id] },
    ];
  });
