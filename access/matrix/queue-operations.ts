import type { ContextInput } from '../../evaluator/request';
import type { Deployment, StoreModel } from '../graph/deployment';
import { similarName } from './decoys';
import { idName, type OperationModel, type OperationStep, queueContext, throughService, viaService, WITHOUT_TLS } from './operation';

const REDRIVE = viaService('sqs');

const sqs = (queue: StoreModel, action: string, context?: ContextInput): OperationStep => ({
  action: `sqs:${action}`,
  resource: queue.arn,
  policy: queue.policy,
  context,
});

/** What SQS asks of the queue's key for its caller. */
const withKey = (deployment: Deployment, queue: StoreModel, actions: readonly string[]) =>
  throughService(deployment, queue.keyArn, actions, 'sqs', queueContext(queue.arn));

/** Operations on queues. */
export const queueOperations = (deployment: Deployment): OperationModel[] =>
  deployment.queues.flatMap((queue): OperationModel[] => {
    const source = deployment.queues.find(({ deadLetterArn }) => deadLetterArn === queue.arn);
    const id = `queue/${idName(deployment, queue.name)}` as const;
    // Only a dead-letter queue can be redriven; whether an actor could ask for it is a cell all the same.
    const redrive = { id: `${id}/redrive` as const, steps: [sqs(queue, 'StartMessageMoveTask')] };
    return [...messageOperations(deployment, queue), ...(source ? deadLetterOperations(deployment, queue, source) : [redrive])];
  });

function messageOperations(deployment: Deployment, queue: StoreModel): OperationModel[] {
  const id = `queue/${idName(deployment, queue.name)}` as const;
  const keySteps = withKey(deployment, queue, ['GenerateDataKey', 'Decrypt']);
  return [
    { id: `${id}/send`, steps: [sqs(queue, 'SendMessage'), ...keySteps] },
    { id: `${id}/send-without-tls`, steps: [sqs(queue, 'SendMessage', WITHOUT_TLS), ...keySteps] },
    { id: `${id}/receive`, steps: [sqs(queue, 'ReceiveMessage'), ...withKey(deployment, queue, ['Decrypt'])] },
    { id: `${id}/delete-message`, steps: [sqs(queue, 'DeleteMessage')] },
    { id: `${id}/change-visibility`, steps: [sqs(queue, 'ChangeMessageVisibility')] },
    { id: `${id}/get-attributes`, steps: [sqs(queue, 'GetQueueAttributes')] },
    { id: `${id}/set-attributes`, steps: [sqs(queue, 'SetQueueAttributes')] },
  ];
}

/** A dead-letter message keeps the encryption of the queue that it came from. */
function deadLetterOperations(deployment: Deployment, queue: StoreModel, source: StoreModel): OperationModel[] {
  const id = `queue/${idName(deployment, queue.name)}` as const;
  const decrypt = withKey(deployment, source, ['Decrypt']);
  const take = [
    sqs(queue, 'StartMessageMoveTask'),
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => sqs(queue, action, REDRIVE)),
    ...decrypt,
  ];
  return [
    { id: `${id}/receive-dead-letters`, steps: [sqs(queue, 'ReceiveMessage'), ...decrypt] },
    { id: `${id}/receive-dead-letters-without-tls`, steps: [sqs(queue, 'ReceiveMessage', WITHOUT_TLS), ...decrypt] },
    {
      id: `${id}/redrive-to-other-queue`,
      steps: [...take, { action: 'sqs:SendMessage', resource: similarName(source.arn), context: REDRIVE }],
    },
    {
      id: `${id}/redrive`,
      steps: [...take, sqs(source, 'SendMessage', REDRIVE), ...withKey(deployment, source, ['GenerateDataKey', 'Decrypt'])],
    },
  ];
}
