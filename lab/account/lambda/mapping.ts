import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Tags } from '../tags';

/** An event source mapping from a queue to a function. */
export interface Mapping {
  readonly uuid: string;
  readonly arn: string;
  readonly queueArn: string;
  functionName: string;
  functionArn: string;
  enabled: boolean;
  batchSize: number;
  windowSeconds: number;
  reportFailures: boolean;
  maximumConcurrency?: number;
  lastModified: Date;
  lastResult: string;
  readonly tags: Tags;
}

/** A mapping as Lambda describes it. */
export function describeMapping(mapping: Mapping): EventSourceMappingConfiguration {
  return {
    UUID: mapping.uuid,
    EventSourceMappingArn: mapping.arn,
    EventSourceArn: mapping.queueArn,
    FunctionArn: mapping.functionArn,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    FunctionResponseTypes: mapping.reportFailures ? ['ReportBatchItemFailures'] : [],
    ...(mapping.maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency } }),
    State: mapping.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: mapping.lastModified,
    LastProcessingResult: mapping.lastResult,
  };
}
