import { DataArchiveFile } from '@cdktf/provider-archive/lib/data-archive-file';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { AssetType, type ITerraformDependable, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { Names } from '../names';
import type { Settings } from '../settings';
import { bundleFunction } from './bundle';

/** What the construct {@link Consumer} needs to know. */
export interface ConsumerProps {
  readonly settings: Settings;
  readonly names: Names;
  readonly roleArn: string;
  readonly logsKeyArn: string;
  readonly queue: SqsQueue;
  readonly tableName: string;
  /** What must be in place before the first message is processed. */
  readonly after: ITerraformDependable[];
}

/** The function, its encrypted log group, and the event source mapping that feeds it. */
export class Consumer extends Construct {
  readonly function: LambdaFunction;
  readonly mapping: LambdaEventSourceMapping;

  constructor(scope: Construct, id: string, { settings, names, roleArn, logsKeyArn, queue, tableName, after }: ConsumerProps) {
    super(scope, id);
    const logGroup = new CloudwatchLogGroup(this, 'logGroup', {
      name: names.logGroup,
      kmsKeyId: logsKeyArn,
      retentionInDays: settings.logRetentionDays,
    });
    const bundle = new TerraformAsset(this, 'bundle', { path: bundleFunction('consumer'), type: AssetType.DIRECTORY });
    const archive = new DataArchiveFile(this, 'package', {
      type: 'zip',
      sourceDir: bundle.path,
      outputPath: `${bundle.path}.zip`,
      // Without it the permissions of the checkout would change the hash.
      outputFileMode: '0644',
    });
    this.function = new LambdaFunction(this, 'function', {
      functionName: names.function,
      description: 'Writes people from the queue to the table',
      role: roleArn,
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      filename: archive.outputPath,
      sourceCodeHash: archive.outputBase64Sha256,
      memorySize: 256,
      timeout: settings.functionTimeoutSeconds,
      reservedConcurrentExecutions: settings.reservedConcurrency,
      tracingConfig: { mode: 'Active' },
      loggingConfig: { logFormat: 'JSON', logGroup: logGroup.name, applicationLogLevel: 'INFO', systemLogLevel: 'WARN' },
      environment: {
        variables: {
          TABLE_NAME: tableName,
          POWERTOOLS_SERVICE_NAME: names.function,
          POWERTOOLS_METRICS_NAMESPACE: names.prefix,
          POWERTOOLS_LOG_LEVEL: 'INFO',
          // The tracer would otherwise record the responses of the handler and of AWS calls.
          POWERTOOLS_TRACER_CAPTURE_RESPONSE: 'false',
        },
      },
    });
    this.mapping = new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: queue.arn,
      functionName: this.function.arn,
      batchSize: settings.batchSize,
      maximumBatchingWindowInSeconds: settings.batchingWindowSeconds,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: settings.maximumConcurrency },
      dependsOn: after,
    });
  }
}
