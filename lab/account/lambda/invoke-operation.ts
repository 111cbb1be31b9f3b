import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { Lambda } from './lambda';

const operation = operationsOf('lambda', ['FunctionName', 'Resource']);

/** The answer to an invocation: its payload as bytes, without the client's own methods on them. */
type Invoked = Omit<InvocationResponse, 'Payload'> & { readonly Payload?: Uint8Array };

/** The operation that runs functions, synchronously or not. */
export function invokeOperation(lambda: Lambda) {
  return {
    Invoke: operation<InvocationRequest, Invoked>('Invoke', {
      action: 'lambda:InvokeFunction',
      event: 'data',
      target: (input) => lambda.target(input.FunctionName),
      run: async (input) => {
        const invoked = lambda.find(input.FunctionName);
        if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
        const text = Buffer.from(input.Payload ?? new Uint8Array()).toString() || '{}';
        const event = parsePayload(text);
        if (input.InvocationType === 'Event') {
          lambda.asyncEvents.submit(invoked.name, event);
          return { StatusCode: 202 };
        }
        const outcome = await lambda.runtime.invoke(invoked, event);
        const failed = 'error' in outcome;
        const payload = Buffer.from(JSON.stringify(failed ? outcome.error : outcome.result));
        return {
          StatusCode: 200,
          Payload: payload,
          ExecutedVersion: '$LATEST',
          ...(failed ? { FunctionError: 'Unhandled' } : {}),
        };
      },
    }),
  };
}

function parsePayload(text: string): unknown {
  try {
    const event: unknown = JSON.parse(text);
    // Nested deeper than can be written again, it would reach no function.
    JSON.stringify(event);
    return event;
  } catch {
    throw new ServiceError('InvalidRequestContentException', 'Could not parse request body into json');
  }
}
