import { blockOf, listOfTexts, optionalNumber, type ResourceType, tagsOf, text } from '../resource-type';
import type { Values } from '../values';
import { ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';

/** aws_lambda_event_source_mapping */
export const lambdaEventSourceMapping: ResourceType = {
  supportedPaths: [
    'event_source_arn',
    'function_name',
    'enabled',
    'batch_size',
    'maximum_batching_window_in_seconds',
    'function_response_types',
    'scaling_config',
    'scaling_config.maximum_concurrency',
    'tags',
  ],
  async create(planned, { account: { lambda }, perform }) {
    const created = await perform(lambda.operations.CreateEventSourceMapping, {
      EventSourceArn: text(planned, 'event_source_arn'),
      ...mapping(planned),
      Tags: tagsOf(planned),
    });
    return String(created.UUID);
  },
  read: (state, { account: { lambda }, perform }) =>
    undefinedIfNotFound(async () => {
      const current = await perform(lambda.operations.GetEventSourceMapping, { UUID: text(state, 'id') });
      const { Tags: tags } = await perform(lambda.operations.ListTags, { Resource: String(current.EventSourceMappingArn) });
      return {
        id: current.UUID,
        uuid: current.UUID,
        arn: current.EventSourceMappingArn,
        batch_size: current.BatchSize,
        enabled: current.State === 'Enabled',
        event_source_arn: current.EventSourceArn,
        function_arn: current.FunctionArn,
        function_name: current.FunctionArn,
        function_response_types: current.FunctionResponseTypes,
        last_modified: current.LastModified?.toISOString().replace(/\.\d+Z$/, 'Z'),
        last_processing_result: current.LastProcessingResult,
        maximum_batching_window_in_seconds: current.MaximumBatchingWindowInSeconds,
        maximum_record_age_in_seconds: 0,
        maximum_retry_attempts: 0,
        parallelization_factor: 0,
        scaling_config: current.ScalingConfig ? [{ maximum_concurrency: current.ScalingConfig.MaximumConcurrency }] : [],
        state: current.State,
        state_transition_reason: current.StateTransitionReason,
        tags_all: tags,
      };
    }),
  async update(prior, planned, _changed, context) {
    const { account, perform } = context;
    await perform(account.lambda.operations.UpdateEventSourceMapping, { UUID: text(prior, 'id'), ...mapping(planned) });
    await syncTags(prior, planned, {
      add: (tags) => perform(account.lambda.operations.TagResource, { Resource: text(prior, 'arn'), Tags: tags }),
      remove: (keys) => perform(account.lambda.operations.UntagResource, { Resource: text(prior, 'arn'), TagKeys: keys }),
    });
  },
  delete: (state, { account: { lambda }, perform }) => ignoreNotFound(() => perform(lambda.operations.DeleteEventSourceMapping, { UUID: text(state, 'id') })),
  recomputed: () => ['last_modified'],
};

function mapping(planned: Values) {
  const limit = blockOf(planned, 'scaling_config')?.maximum_concurrency;
  return {
    FunctionName: text(planned, 'function_name'),
    Enabled: Boolean(planned.enabled),
    BatchSize: optionalNumber(planned, 'batch_size'),
    MaximumBatchingWindowInSeconds: optionalNumber(planned, 'maximum_batching_window_in_seconds'),
    FunctionResponseTypes: listOfTexts(planned, 'function_response_types') as ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: limit === undefined || limit === null ? undefined : Number(limit) },
  };
}
