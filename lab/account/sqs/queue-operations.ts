import type {
  CreateQueueRequest,
  GetQueueAttributesRequest,
  ListQueuesRequest,
  ListQueuesResult,
  SetQueueAttributesRequest,
  TagQueueRequest,
  UntagQueueRequest,
} from '@aws-sdk/client-sqs';
import { notModelled, ServiceError } from '../errors';
import { type Operation, operationsOf, unmodelledOf } from '../operation';
import { StoredPolicy } from '../stored-policy';
import { checkAttributes, defaultAttributes, invalid } from './attributes';
import { Queue } from './queue';
import { parseRedriveAllowPolicy, parseRedrivePolicy } from './redrive';
import type { Sqs } from './sqs';

const operation = operationsOf('sqs', ['QueueUrl']);

interface QueueUrlInput {
  QueueUrl: string | undefined;
}

/** Operations on queues themselves. */
export function queueOperations(sqs: Sqs) {
  return {
    ...createOperation(sqs),
    ...deleteOperations(sqs),
    ...listOperations(sqs),
    ...attributeOperations(sqs),
    ...tagOperations(sqs),
    AddPermission: unmodelledOf('sqs', ['QueueUrl'])<QueueUrlInput>('AddPermission', (input, call) => sqs.target(sqs.byUrl(input.QueueUrl), call)),
  };
}

/** Makes the operations on a queue that exists. */
function onQueue(sqs: Sqs) {
  return <I extends QueueUrlInput, O>(name: string, event: 'read' | 'write', run: (queue: Queue, input: I) => O): Operation<I, O> =>
    operation<I, O>(name, {
      event,
      target: (input, call) => sqs.target(sqs.byUrl(input.QueueUrl), call),
      run: (input) => run(sqs.byUrl(input.QueueUrl), input),
      describe: (input) => ({ parameters: { queueUrl: input.QueueUrl } }),
    });
}

function createOperation(sqs: Sqs) {
  const { account } = sqs;
  return {
    CreateQueue: operation<CreateQueueRequest & { tags?: Record<string, string> }, { QueueUrl: string }>('CreateQueue', {
      event: 'write',
      target: (input) => ({ resource: account.arn('sqs', String(input.QueueName)) }),
      run: (input) => {
        const name = String(input.QueueName);
        if (name.endsWith('.fifo')) throw notModelled('FIFO queues');
        if (!/^[\w-]{1,80}$/.test(name)) {
          throw new ServiceError('InvalidParameterValue', 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
        }
        const known = sqs.queues.get(name);
        if (known) {
          const differs = Object.entries(input.Attributes ?? {}).some(([attribute, value]) => known.attributes[attribute] !== value);
          if (differs)
            throw new ServiceError(
              'QueueNameExists',
              'A queue already exists with the same name and a different value for an attribute',
              400,
              'QueueAlreadyExists',
            );
          return { QueueUrl: sqs.url(known) };
        }
        const queue = new Queue(name, account.arn('sqs', name), defaultAttributes(), account.clock);
        assign(sqs, queue, input.Attributes ?? {});
        Object.assign(queue.tags, input.tags);
        sqs.queues.set(name, queue);
        return { QueueUrl: sqs.url(queue) };
      },
    }),
  };
}

function deleteOperations(sqs: Sqs) {
  const onQueueOf = onQueue(sqs);
  return {
    DeleteQueue: onQueueOf<QueueUrlInput, object>('DeleteQueue', 'write', (queue) => {
      sqs.queues.delete(queue.name);
      return {};
    }),
    PurgeQueue: onQueueOf<QueueUrlInput, object>('PurgeQueue', 'write', (queue) => {
      queue.messages = [];
      return {};
    }),
  };
}

function listOperations(sqs: Sqs) {
  const { account } = sqs;
  const onQueueOf = onQueue(sqs);
  return {
    GetQueueUrl: operation<{ QueueName: string; QueueOwnerAWSAccountId?: string }, { QueueUrl: string }>('GetQueueUrl', {
      event: 'read',
      resourceMembers: ['QueueOwnerAWSAccountId'],
      target: (input, call) => sqs.target(sqs.byUrl(`/${input.QueueOwnerAWSAccountId ?? account.accountId}/${input.QueueName}`), call),
      run: (input) => ({ QueueUrl: sqs.url(sqs.byUrl(`/${account.accountId}/${input.QueueName}`)) }),
    }),
    ListQueues: operation<ListQueuesRequest, ListQueuesResult>('ListQueues', {
      event: 'read',
      target: () => ({ resource: account.arn('sqs', '*') }),
      run: (input) => ({
        QueueUrls: [...sqs.queues.values()].filter((queue) => queue.name.startsWith(input.QueueNamePrefix ?? '')).map((queue) => sqs.url(queue)),
      }),
    }),
    ListDeadLetterSourceQueues: onQueueOf<QueueUrlInput, { queueUrls: string[] }>('ListDeadLetterSourceQueues', 'read', (queue) => ({
      queueUrls: [...sqs.queues.values()].filter((source) => source.redrivePolicy?.deadLetterTargetArn === queue.arn).map((source) => sqs.url(source)),
    })),
  };
}

function attributeOperations(sqs: Sqs) {
  const onQueueOf = onQueue(sqs);
  return {
    GetQueueAttributes: onQueueOf<GetQueueAttributesRequest, { Attributes: Record<string, string> }>('GetQueueAttributes', 'read', (queue, input) => {
      const all = describe(queue);
      const wanted = input.AttributeNames ?? [];
      const unknown = wanted.find((name) => name !== 'All' && !(name in all) && !(name in defaultAttributes()));
      if (unknown) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      return { Attributes: wanted.includes('All') ? all : Object.fromEntries(Object.entries(all).filter(([name]) => (wanted as string[]).includes(name))) };
    }),
    SetQueueAttributes: onQueueOf<SetQueueAttributesRequest, object>('SetQueueAttributes', 'write', (queue, input) => {
      assign(sqs, queue, (input.Attributes ?? {}) as Record<string, string>);
      return {};
    }),
  };
}

function tagOperations(sqs: Sqs) {
  const onQueueOf = onQueue(sqs);
  return {
    ListQueueTags: onQueueOf<QueueUrlInput, { Tags: Record<string, string> }>('ListQueueTags', 'read', (queue) => ({ Tags: { ...queue.tags } })),
    TagQueue: onQueueOf<TagQueueRequest, object>('TagQueue', 'write', (queue, input) => {
      Object.assign(queue.tags, input.Tags);
      return {};
    }),
    UntagQueue: onQueueOf<UntagQueueRequest, object>('UntagQueue', 'write', (queue, input) => {
      for (const key of input.TagKeys ?? []) delete queue.tags[key];
      return {};
    }),
  };
}

function assign(sqs: Sqs, queue: Queue, attributes: Readonly<Record<string, string>>): void {
  const { account } = sqs;
  checkAttributes(attributes);
  const policy = attributes.Policy;
  if (policy) queue.policy = new StoredPolicy(account.iam, `policy of queue ${queue.name}`, policy, 'resource', () => invalid('Policy'));
  else if (policy === '') delete queue.policy;
  if (attributes.RedriveAllowPolicy) parseRedriveAllowPolicy(attributes.RedriveAllowPolicy);
  checkRedrive(sqs, attributes.RedrivePolicy, queue);
  for (const [name, value] of Object.entries(attributes)) queue.attributes[name] = value;
  // A customer managed key and SQS's own encryption exclude one another.
  if (attributes.KmsMasterKeyId) queue.attributes.SqsManagedSseEnabled = 'false';
  queue.modifiedAt = account.clock.now();
}

function checkRedrive(sqs: Sqs, text: string | undefined, queue: Queue): void {
  if (!text) return;
  const { deadLetterTargetArn } = parseRedrivePolicy(text);
  const target = sqs.byArn(deadLetterTargetArn);
  if (!target) throw invalid('RedrivePolicy');
  if (!target.acceptsDeadLettersOf(queue.arn)) {
    throw new ServiceError('InvalidAttributeValue', `Queue ${deadLetterTargetArn} does not allow ${queue.arn} to use it as a dead-letter queue.`);
  }
}

/** Attributes as SQS shows them: what is empty is absent. */
function describe(queue: Queue): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  const set = Object.entries({ ...queue.attributes, Policy: queue.policy?.text() ?? '' }).filter(([, value]) => value !== '');
  const shown = Object.fromEntries(set);
  if (!shown.KmsMasterKeyId) delete shown.KmsDataKeyReusePeriodSeconds;
  return {
    ...shown,
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}
