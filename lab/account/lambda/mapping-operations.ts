import { randomUUID } from 'node:crypto';
import type {
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { Lambda } from './lambda';
import { describeMapping, type Mapping } from './mapping';
import { checkRole, configure, refuseUnsupported } from './mapping-configuration';
import { Poller } from './poller';

const operation = operationsOf('lambda', ['FunctionName', 'Resource']);

interface Identified {
  UUID: string | undefined;
}

/** Operations on event source mappings. */
export function mappingOperations(lambda: Lambda) {
  return { ...createOperation(lambda), ...readOperations(lambda), ...changeOperations(lambda) };
}

function createOperation(lambda: Lambda) {
  const { account } = lambda;
  return {
    CreateEventSourceMapping: operation<CreateEventSourceMappingRequest, EventSourceMappingConfiguration>('CreateEventSourceMapping', {
      event: 'write',
      target: (input) => ({ resource: '*', context: { 'lambda:FunctionArn': lambda.target(input.FunctionName).resource } }),
      run: (input) => {
        refuseUnsupported(input);
        const lambdaFunction = lambda.find(input.FunctionName);
        const queueArn = String(input.EventSourceArn);
        const uuid = randomUUID();
        const mapping: Mapping = {
          uuid,
          arn: arnOf(lambda, uuid),
          queueArn,
          functionName: lambdaFunction.name,
          functionArn: lambdaFunction.arn,
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
  };
}

function readOperations(lambda: Lambda) {
  return {
    GetEventSourceMapping: operation<Identified, EventSourceMappingConfiguration>('GetEventSourceMapping', {
      event: 'read',
      target: (input) => targetOf(lambda, input),
      run: (input) => describeMapping(find(lambda, input).mapping),
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
  };
}

function changeOperations(lambda: Lambda) {
  const { account } = lambda;
  return {
    UpdateEventSourceMapping: operation<UpdateEventSourceMappingRequest, EventSourceMappingConfiguration>('UpdateEventSourceMapping', {
      event: 'write',
      target: (input) => targetOf(lambda, input),
      run: (input) => {
        refuseUnsupported(input);
        const poller = find(lambda, input);
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
      target: (input) => targetOf(lambda, input),
      run: async (input) => {
        const poller = find(lambda, input);
        lambda.pollers.delete(String(input.UUID));
        await poller.stop();
        return { ...describeMapping(poller.mapping), State: 'Deleting' };
      },
    }),
  };
}

function arnOf({ account }: Lambda, uuid: string): string {
  return account.arn('lambda', `event-source-mapping:${uuid}`);
}

function find(lambda: Lambda, input: Identified): Poller {
  const poller = lambda.pollers.get(String(input.UUID));
  if (!poller) throw new ServiceError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
  return poller;
}

function targetOf(lambda: Lambda, input: Identified) {
  const mapping = lambda.pollers.get(String(input.UUID))?.mapping;
  return { resource: arnOf(lambda, String(input.UUID)), context: { 'lambda:FunctionArn': mapping?.functionArn ?? [] } };
}
