import type { ContextInput } from '../../evaluator/request';
import type { Deployment, StoreModel } from '../graph/deployment';
import { granting, type OperationModel, queueContext, type Step, shortName, tableContext, throughService, viaService, WITHOUT_TLS } from './operation';

const ITEM_OPERATIONS: Readonly<Record<string, string>> = {
  get: 'GetItem',
  query: 'Query',
  scan: 'Scan',
  put: 'PutItem',
  update: 'UpdateItem',
  delete: 'DeleteItem',
  'batch get': 'BatchGetItem',
  'batch write': 'BatchWriteItem',
  describe: 'DescribeTable',
};
const REDRIVE = viaService('sqs');

const sqs = (queue: StoreModel, action: string, context?: ContextInput): Step => ({
  action: `sqs:${action}`,
  resource: queue.arn,
  policy: queue.policy,
  context,
});

/** Operations on queues. */
export const queueOperations = (deployment: Deployment): OperationModel[] =>
  deployment.queues.flatMap((queue): OperationModel[] => {
    const name = shortName(deployment, queue.name);
    const source = deployment.queues.find((one) => one.deadLetterArn === queue.arn);
    const send = [sqs(queue, 'SendMessage'), ...throughService(deployment, queue.keyArn, ['GenerateDataKey', 'Decrypt'], 'sqs', queueContext(queue.arn))];
    const receive = [sqs(queue, 'ReceiveMessage'), ...throughService(deployment, queue.keyArn, ['Decrypt'], 'sqs', queueContext(queue.arn))];
    const own: OperationModel[] = [
      { name: `${name}: send`, steps: send },
      { name: `${name}: send without TLS`, steps: send.map((step, index) => (index === 0 ? { ...step, context: WITHOUT_TLS } : step)) },
      { name: `${name}: receive`, steps: receive },
      { name: `${name}: delete a message`, steps: [sqs(queue, 'DeleteMessage')] },
      { name: `${name}: hide a message longer`, steps: [sqs(queue, 'ChangeMessageVisibility')] },
      { name: `${name}: see its attributes`, steps: [sqs(queue, 'GetQueueAttributes')] },
      { name: `${name}: change its attributes`, steps: [sqs(queue, 'SetQueueAttributes')] },
    ];
    // Only a queue of dead letters can be redriven; whether anybody could ask for it is a cell all the same.
    if (!source) return [...own, { name: `${name}: redrive`, steps: [sqs(queue, 'StartMessageMoveTask')] }];
    // A dead letter keeps the encryption of the queue that it came from.
    const letters = throughService(deployment, source.keyArn, ['Decrypt'], 'sqs', queueContext(source.arn));
    const taking = [
      sqs(queue, 'StartMessageMoveTask'),
      ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => sqs(queue, action, REDRIVE)),
      ...letters,
    ];
    return [
      ...own,
      { name: `${name}: receive dead letters`, steps: [sqs(queue, 'ReceiveMessage'), ...letters] },
      { name: `${name}: receive dead letters without TLS`, steps: [sqs(queue, 'ReceiveMessage', WITHOUT_TLS), ...letters] },
      {
        name: `${name}: redrive to another queue`,
        steps: [...taking, { action: 'sqs:SendMessage', resource: `${source.arn}-other`, context: REDRIVE }],
      },
      {
        name: `${name}: redrive`,
        steps: [
          ...taking,
          sqs(source, 'SendMessage', REDRIVE),
          ...throughService(deployment, source.keyArn, ['GenerateDataKey', 'Decrypt'], 'sqs', queueContext(source.arn)),
        ],
      },
    ];
  });

/** Operations on tables. */
export const tableOperations = (deployment: Deployment): OperationModel[] =>
  deployment.tables.flatMap((table): OperationModel[] => {
    const context = tableContext(table.name, deployment.account);
    const steps = (action: string, more?: ContextInput): Step[] => [
      { action: `dynamodb:${action}`, resource: table.arn, policy: table.policy, context: more },
      ...(action === 'DescribeTable' ? [] : throughService(deployment, table.keyArn, ['Decrypt'], 'dynamodb', context)),
    ];
    return [
      ...Object.entries(ITEM_OPERATIONS).map(([name, action]) => ({ name: `${shortName(deployment, table.name)}: ${name}`, steps: steps(action) })),
      { name: `${shortName(deployment, table.name)}: get without TLS`, steps: steps('GetItem', WITHOUT_TLS) },
      {
        name: `${shortName(deployment, table.name)}: select its key`,
        steps: [
          { action: 'dynamodb:UpdateTable', resource: table.arn, policy: table.policy },
          ...throughService(deployment, table.keyArn, ['DescribeKey'], 'dynamodb', {}),
          ...throughService(
            deployment,
            table.keyArn,
            ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'],
            'dynamodb',
            context,
          ),
          ...throughService(deployment, table.keyArn, ['CreateGrant'], 'dynamodb', context).map((step) => granting(step, true)),
        ],
      },
    ];
  });
