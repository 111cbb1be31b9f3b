import type { CreateEventSourceMappingRequest, UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { notModelled, ServiceError } from '../errors';
import type { Lambda } from './lambda';
import type { Mapping } from './mapping';

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

/**
 * Refuses what the lab does not model.
 *
 * @throws ServiceError naming the member
 */
export function refuseUnsupported(input: object): void {
  const unknown = Object.entries(input).find(([member, value]) => value !== undefined && !MEMBERS.includes(member));
  if (unknown) throw notModelled(`event source mappings with ${unknown[0]}`);
}

const invalid = (message: string) => new ServiceError('InvalidParameterValueException', message);

/**
 * Changes a mapping as a request asks for.
 *
 * Source of the rules: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 *
 * @throws ServiceError InvalidParameterValueException
 */
export function configure(lambda: Lambda, mapping: Mapping, input: Partial<CreateEventSourceMappingRequest & UpdateEventSourceMappingRequest>): void {
  const lambdaFunction = lambda.find(input.FunctionName ?? mapping.functionName);
  mapping.functionName = lambdaFunction.name;
  mapping.functionArn = lambdaFunction.arn;
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
  if (lambdaFunction.config.timeoutSeconds > queue.number('VisibilityTimeout')) {
    throw invalid(
      `Queue visibility timeout: ${queue.number('VisibilityTimeout')} seconds is less than Function timeout: ${lambdaFunction.config.timeoutSeconds} seconds`,
    );
  }
}

/**
 * At creation Lambda looks whether the execution role may poll at all.
 *
 * @throws ServiceError InvalidParameterValueException
 */
export function checkRole(lambda: Lambda, mapping: Mapping): void {
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
