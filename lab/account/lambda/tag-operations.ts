import { ServiceError } from '../errors';
import { type Operation, operationsOf } from '../operation';
import type { Lambda } from './lambda';

const operation = operationsOf('lambda', ['FunctionName', 'Resource']);

/** Operations on the tags of functions and event source mappings, which requests name by ARN. */
export function tagOperations(lambda: Lambda) {
  const byArn = <I extends object, O>(
    name: string,
    event: 'read' | 'write',
    run: (tags: Record<string, string>, input: I) => O,
  ): Operation<I & { Resource: string }, O> =>
    operation<I & { Resource: string }, O>(name, {
      event,
      target: (input) => ({ resource: input.Resource }),
      run: (input) =>
        run(
          input.Resource.includes(':event-source-mapping:')
            ? (lambda.pollers.get(input.Resource.split(':').at(-1) ?? '')?.mapping.tags ?? missing(input.Resource))
            : lambda.find(input.Resource).tags,
          input,
        ),
    });
  return {
    ListTags: byArn<object, { Tags: Record<string, string> }>('ListTags', 'read', (tags) => ({ Tags: { ...tags } })),
    TagResource: byArn<{ Tags: Record<string, string> }, object>('TagResource', 'write', (tags, input) => {
      Object.assign(tags, input.Tags);
      return {};
    }),
    UntagResource: byArn<{ TagKeys: string[] }, object>('UntagResource', 'write', (tags, input) => {
      for (const key of input.TagKeys) delete tags[key];
      return {};
    }),
  };
}

function missing(arn: string): never {
  throw new ServiceError('ResourceNotFoundException', `The resource you requested does not exist: ${arn}`, 404);
}
