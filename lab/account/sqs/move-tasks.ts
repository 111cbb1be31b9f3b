import { randomUUID } from 'node:crypto';
import type {
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskRequest,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { Queue } from './queue';
import type { Sqs } from './sqs';

const operation = operationsOf('sqs', ['SourceArn']);
const taskHandle = z.object({ sourceArn: z.string() });

/** Move tasks: the redrive of dead-letter messages. The account moves all messages at once, before it answers. */
export function moveOperations(sqs: Sqs) {
  const { account } = sqs;
  const tasks: (ListMessageMoveTasksResultEntry & { SourceArn: string })[] = [];
  const queueOf = (arn: string | undefined): Queue => {
    const queue = sqs.byArn(arn);
    if (!queue) throw new ServiceError('ResourceNotFoundException', `The queue ${arn} does not exist.`, 404);
    return queue;
  };

  /**
   * The caller needs every permission of the steps; SQS takes them in the caller's name.
   * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
   */
  const move = async (source: Queue, explicit: Queue | undefined, call: Call): Promise<number> => {
    const passed: Call = { ...call, calledVia: [...call.calledVia, 'sqs.amazonaws.com'] };
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) account.authorize(`sqs:${action}`, sqs.target(source, passed), passed);
    const now = account.clock.now();
    const visible = source.messages.filter((message) => message.visibleAt <= now);
    const targets = new Map(visible.map((message) => [message, explicit ?? queueOf(message.deadLetterSourceArn)]));
    for (const target of new Set(targets.values())) account.authorize('sqs:SendMessage', sqs.target(target, passed), passed);
    for (const [message, target] of targets) {
      const text = await sqs.encryption.open(source, message.body, call);
      const [body] = await sqs.encryption.seal(target, [text], call);
      source.remove(message);
      // Redriven messages are new ones: retention and receive count start again.
      target.add({
        ...message,
        body: body as typeof message.body,
        sentAt: now,
        visibleAt: now,
        receiveCount: 0,
        firstReceivedAt: undefined,
        receipt: undefined,
        deadLetterSourceArn: undefined,
      });
    }
    return targets.size;
  };

  return {
    StartMessageMoveTask: operation<StartMessageMoveTaskRequest, { TaskHandle: string }>('StartMessageMoveTask', {
      event: 'write',
      target: (input, call) => sqs.target(queueOf(input.SourceArn), call),
      describe: (input) => ({ parameters: { sourceArn: input.SourceArn, destinationArn: input.DestinationArn } }),
      run: async (input, call) => {
        const source = queueOf(input.SourceArn);
        if (![...sqs.queues.values()].some((queue) => queue.redrivePolicy?.deadLetterTargetArn === source.arn)) {
          throw new ServiceError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
        }
        const started = account.clock.now();
        const moved = await move(source, input.DestinationArn === undefined ? undefined : queueOf(input.DestinationArn), call);
        const handle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString('base64');
        tasks.unshift({
          TaskHandle: handle,
          Status: 'COMPLETED',
          SourceArn: source.arn,
          DestinationArn: input.DestinationArn,
          ApproximateNumberOfMessagesMoved: moved,
          ApproximateNumberOfMessagesToMove: moved,
          StartedTimestamp: started,
        });
        return { TaskHandle: handle };
      },
    }),
    ListMessageMoveTasks: operation<ListMessageMoveTasksRequest, ListMessageMoveTasksResult>('ListMessageMoveTasks', {
      event: 'read',
      target: (input, call) => sqs.target(queueOf(input.SourceArn), call),
      run: (input) => ({
        // Only a running task shows its handle.
        Results: tasks
          .filter((task) => task.SourceArn === input.SourceArn)
          .slice(0, input.MaxResults ?? 1)
          .map((task) => ({ ...task, TaskHandle: undefined })),
      }),
    }),
    CancelMessageMoveTask: operation<{ TaskHandle: string }, { ApproximateNumberOfMessagesMoved: number }>('CancelMessageMoveTask', {
      event: 'write',
      target: (input, call) => {
        const arn = sourceOf(input.TaskHandle);
        const source = sqs.byArn(arn);
        return source ? sqs.target(source, call) : { resource: arn };
      },
      run: () => {
        throw new ServiceError('ResourceNotFoundException', 'Only active tasks can be cancelled.', 404);
      },
    }),
  };
}

/** A handle names the queue whose messages the task moves. */
function sourceOf(handle: string): string {
  try {
    return taskHandle.parse(JSON.parse(Buffer.from(handle, 'base64').toString())).sourceArn;
  } catch {
    throw new ServiceError('InvalidParameterValue', 'Value for parameter TaskHandle is invalid.');
  }
}
