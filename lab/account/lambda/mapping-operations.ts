import { randomUUID } from 'node:crypto';
import type {
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { Lambda } from './lambda';
import { describeMapping, type Mapping } from './mapping';
import { Poller } from './poller';

const operation = operationsOf('lambda');

interface Identified {
  UUID: string | undefined;
}

const MEMBERS = [
  'UUID',
  'EventSourceArn',
  'FunctionName',
  'Enabled',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'ScalingConfig',
  'Tags',
];

/** Operations on event source mappings. */
export function mappingOperations(lambda: Lambda) {
  const { account } = lambda;
  const arn = (uuid: string) => account.arn('lambda', `event-source-mapping:${uuid}`);
  const find = (input: Identified): Poller => {
    const poller = lambda.pollers.get(String(input.UUID));
    if (!poller) throw new ServiceError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
    return poller;
  };
  const target = (input: Identified) => {
    const mapping = lambda.pollers.get(String(input.UUID))?.mapping;
    return { resource: arn(String(input.UUID)), context: { 'lambda:FunctionArn': mapping?.functionArn ?? [] } };
  };
  return {
    CreateEventSourceMapping: operation<CreateEventSourceMappingRequest, EventSourceMappingConfiguration>('CreateEventSourceMapping', {
      event: 'write',
      target: (input) => ({ resource: '*', context: { 'lambda:FunctionArn': lambda.target(input.FunctionName).resource } }),
      run: (input) => {
        refuse(input);
        const found = lambda.find(input.FunctionName);
        const queueArn = String(input.EventSourceArn);
        const uuid = randomUUID();
        const mapping: Mapping = {
          uuid,
          arn: arn(uuid),
          queueArn,
          functionName: found.name,
          functionArn: found.arn,
          enabled: true,
          batchSize: 10,
          windowSeconds: 0,
          reportFailures: false,
          lastModified: account.clock.date(),
          lastResult: 'No records processed',
          tags: { ...input.Tags },
        };
        configure(lambda, mapping, input);
        checkRole(lambda, mapping);
        const poller = new Poller(account, mapping);
        lambda.pollers.set(uuid, poller);
        poller.start();
        return describeMapping(mapping);
      },
    }),
    GetEventSourceMapping: operation<Identified, EventSourceMappingConfiguration>('GetEventSourceMapping', {
      event: 'read',
      target,
      run: (input) => describeMapping(find(input).mapping),
    }),
    ListEventSourceMappings: operation<ListEventSourceMappingsRequest, ListEventSourceMappingsResponse>('ListEventSourceMappings', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: (input) => {
        const named = input.FunctionName === undefined ? undefined : lambda.target(input.FunctionName).resource;
        const mappings = [...lambda.pollers.values()].map(({ mapping }) => mapping);
        const wanted = mappings.filter(
          (mapping) =>
            (named === undefined || mapping.functionArn === named) && (input.EventSourceArn === undefined || mapping.queueArn === input.EventSourceArn),
        );
        return { EventSourceMappings: wanted.map(describeMapping) };
      },
    }),
    UpdateEventSourceMapping: operation<UpdateEventSourceMappingRequest, EventSourceMappingConfiguration>('UpdateEventSourceMapping', {
      event: 'write',
      target,
      run: (input) => {
        refuse(input);
        const poller = find(input);
        const { mapping } = poller;
        const changed = { ...mapping };
        configure(lambda, changed, input);
        Object.assign(mapping, changed, { lastModified: account.clock.date() });
        poller.wake();
        return describeMapping(mapping);
      },
    }),
    DeleteEventSourceMapping: operation<Identified, EventSourceMappingConfiguration>('DeleteEventSourceMapping', {
      event: 'write',
      target,
      run: async (input) => {
        const poller = find(input);
        lambda.pollers.delete(String(input.UUID));
        await poller.stop();
        return { ...describeMapping(poller.mapping), State: 'Deleting' };
      },
    }),
  };
}

function refuse(input: object): void {
  const stranger = Object.entries(input).find(([member, value]) => value !== undefined && !MEMBERS.includes(member));
  if (stranger) throw notModelled(`event source mappings with ${stranger[0]}`);
}

const invalid = (message: string) => new ServiceError('InvalidParameterValueException', message);

/** Source of the rules: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
function configure(lambda: Lambda, mapping: Mapping, input: Partial<CreateEventSourceMappingRequest & UpdateEventSourceMappingRequest>): void {
  const found = lambda.find(input.FunctionName ?? mapping.functionName);
  mapping.functionName = found.name;
  mapping.functionArn = found.arn;
  mapping.enabled = input.Enabled ?? mapping.enabled;
  mapping.batchSize = input.BatchSize ?? mapping.batchSize;
  mapping.windowSeconds = input.MaximumBatchingWindowInSeconds ?? mapping.windowSeconds;
  if (input.FunctionResponseTypes) mapping.reportFailures = input.FunctionResponseTypes.includes('ReportBatchItemFailures');
  if (input.ScalingConfig) mapping.maximumConcurrency = input.ScalingConfig.MaximumConcurrency;
  const queue = lambda.account.sqs.byArn(mapping.queueArn);
  if (!queue)
    throw invalid(
      `Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.`,
    );
  if (mapping.batchSize < 1 || mapping.batchSize > 10_000) throw invalid('Batch size must be between 1 and 10000.');
  if (mapping.batchSize > 10 && mapping.windowSeconds < 1)
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  if (mapping.windowSeconds > 300) throw invalid('Maximum batch window must be between 0 and 300 seconds.');
  const { maximumConcurrency: limit } = mapping;
  if (limit !== undefined && (limit < 2 || limit > 1000)) throw invalid('MaximumConcurrency must be between 2 and 1000.');
  if (found.config.timeoutSeconds > queue.number('VisibilityTimeout')) {
    throw invalid(
      `Queue visibility timeout: ${queue.number('VisibilityTimeout')} seconds is less than Function timeout: ${found.config.timeoutSeconds} seconds`,
    );
  }
}

/** At creation Lambda looks whether the execution role may poll at all. */
function checkRole(lambda: Lambda, mapping: Mapping): void {
  const { account } = lambda;
  const queue = account.sqs.byArn(mapping.queueArn);
  if (!queue) return;
  const { caller } = account.sts.serviceSession(lambda.find(mapping.functionName).config.role, 'event-source-mapping', 'lambda.amazonaws.com');
  const call = account.call(caller);
  for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
    try {
      account.authorize(`sqs:${action}`, account.sqs.target(queue, call), call);
    } catch {
      throw invalid(`The provided execution role does not have permissions to call ${action} on SQS`);
    }
  }
}
