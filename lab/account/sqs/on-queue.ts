import type { Call } from '../caller';
import { type Operation, operationsOf } from '../operation';
import type { Queue } from './queue';
import type { Sqs } from './sqs';

const operation = operationsOf('sqs', ['QueueUrl']);

/** A request that names its queue. */
export interface QueueUrlInput {
  QueueUrl: string | undefined;
}

/** Makes the operations on messages of a queue that exists. A batch needs the permission of the single operation. */
export function onQueue(sqs: Sqs) {
  return <I extends QueueUrlInput, O>(name: string, action: string, run: (queue: Queue, input: I, call: Call) => O | Promise<O>): Operation<I, O> =>
    operation<I, O>(name, {
      action: `sqs:${action}`,
      event: 'data',
      target: (input, call) => sqs.target(sqs.byUrl(input.QueueUrl), call),
      run: (input, call) => run(sqs.byUrl(input.QueueUrl), input, call),
    });
}
