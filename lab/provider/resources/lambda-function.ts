import { readFileSync } from 'node:fs';
import type { GetFunctionResponse } from '@aws-sdk/client-lambda';
import { blockOf, type Context, listOfTexts, optionalText, type ResourceType, tagsOf, text, textsOf } from '../resource-type';
import type { Values } from '../values';
import { ignoreNotFound, syncTags, undefinedIfNotFound } from './shared';

const CODE = ['filename', 'source_code_hash', 'architectures'];
const CONFIGURATION = ['description', 'environment', 'handler', 'logging_config', 'memory_size', 'role', 'runtime', 'timeout', 'tracing_config'];

const named = (values: Values) => ({ FunctionName: text(values, 'id') });

/** aws_lambda_function */
export const lambdaFunction: ResourceType = {
  supportedPaths: [
    'function_name',
    'reserved_concurrent_executions',
    'tags',
    ...CODE,
    ...CONFIGURATION,
    'environment.variables',
    'logging_config.log_format',
    'logging_config.log_group',
    'logging_config.application_log_level',
    'logging_config.system_log_level',
    'tracing_config.mode',
  ],
  check: (config) => (config.handler === null || config.runtime === null ? ['handler and runtime must be set when PackageType is Zip'] : []),
  async create(planned, context) {
    const { account, perform } = context;
    await perform(account.lambda.operations.CreateFunction, {
      FunctionName: text(planned, 'function_name'),
      ...configuration(planned),
      Role: text(planned, 'role'),
      Architectures: listOfTexts(planned, 'architectures') as ['arm64'],
      Code: { ZipFile: code(planned, context) },
      Tags: tagsOf(planned),
    });
    await concurrency(text(planned, 'function_name'), planned, context);
    return text(planned, 'function_name');
  },
  read: (state, { account: { lambda }, region, perform }) =>
    undefinedIfNotFound(async () => {
      const current = await perform(lambda.operations.GetFunction, named(state));
      await perform(lambda.operations.ListVersionsByFunction, named(state));
      await perform(lambda.operations.GetFunctionCodeSigningConfig, named(state));
      return functionState(current, region);
    }),
  async update(prior, planned, changed, context) {
    const { account, perform } = context;
    const { lambda } = account;
    if (CONFIGURATION.some((name) => changed.has(name))) {
      await perform(lambda.operations.UpdateFunctionConfiguration, { ...named(prior), ...configuration(planned), Role: text(planned, 'role') });
    }
    if (CODE.some((name) => changed.has(name))) {
      await perform(lambda.operations.UpdateFunctionCode, {
        ...named(prior),
        ZipFile: code(planned, context),
        Architectures: listOfTexts(planned, 'architectures') as ['arm64'],
      });
    }
    if (changed.has('reserved_concurrent_executions')) await concurrency(text(prior, 'id'), planned, context);
    await syncTags(prior, planned, {
      add: (tags) => perform(account.lambda.operations.TagResource, { Resource: text(prior, 'arn'), Tags: tags }),
      remove: (keys) => perform(account.lambda.operations.UntagResource, { Resource: text(prior, 'arn'), TagKeys: keys }),
    });
  },
  delete: (state, { account: { lambda }, perform }) => ignoreNotFound(() => perform(lambda.operations.DeleteFunction, named(state))),
  recomputed: (changed) => (CODE.some((name) => changed.has(name)) ? ['last_modified', 'code_sha256', 'source_code_size'] : []),
};

function functionState(current: GetFunctionResponse, region: string): Values {
  const config = current.Configuration ?? {};
  const invoke = (arn: string) => `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
  const arn = String(config.FunctionArn);
  const environment = config.Environment?.Variables;
  const logging = config.LoggingConfig;
  return {
    id: config.FunctionName,
    function_name: config.FunctionName,
    arn,
    architectures: config.Architectures,
    code_sha256: config.CodeSha256,
    code_signing_config_arn: '',
    description: config.Description,
    handler: config.Handler,
    image_uri: '',
    invoke_arn: invoke(arn),
    kms_key_arn: '',
    last_modified: config.LastModified,
    layers: [],
    memory_size: config.MemorySize,
    package_type: config.PackageType,
    qualified_arn: `${arn}:$LATEST`,
    qualified_invoke_arn: invoke(`${arn}:$LATEST`),
    reserved_concurrent_executions: current.Concurrency?.ReservedConcurrentExecutions ?? -1,
    role: config.Role,
    runtime: config.Runtime,
    signing_job_arn: '',
    signing_profile_version_arn: '',
    source_code_size: config.CodeSize,
    source_kms_key_arn: '',
    timeout: config.Timeout,
    version: '$LATEST',
    environment: environment ? [{ variables: environment }] : [],
    ephemeral_storage: [{ size: config.EphemeralStorage?.Size }],
    logging_config: [
      {
        log_format: logging?.LogFormat,
        log_group: logging?.LogGroup,
        application_log_level: logging?.ApplicationLogLevel ?? '',
        system_log_level: logging?.SystemLogLevel ?? '',
      },
    ],
    tracing_config: [{ mode: config.TracingConfig?.Mode }],
    tags_all: current.Tags ?? {},
  };
}

function code(planned: Values, { files }: Context): Buffer {
  return readFileSync(files.find(text(planned, 'filename')).file);
}

function configuration(planned: Values) {
  const logging = blockOf(planned, 'logging_config');
  return {
    Description: text(planned, 'description'),
    Handler: text(planned, 'handler'),
    Runtime: text(planned, 'runtime') as 'nodejs24.x',
    MemorySize: Number(planned.memory_size),
    Timeout: Number(planned.timeout),
    Environment: { Variables: textsOf(blockOf(planned, 'environment')?.variables) },
    TracingConfig: { Mode: text(blockOf(planned, 'tracing_config') ?? { mode: 'PassThrough' }, 'mode') as 'Active' },
    ...(logging
      ? {
          LoggingConfig: {
            LogFormat: text(logging, 'log_format') as 'JSON',
            LogGroup: typeof logging.log_group === 'string' ? logging.log_group : undefined,
            ApplicationLogLevel: optionalText(logging, 'application_log_level') as 'INFO' | undefined,
            SystemLogLevel: optionalText(logging, 'system_log_level') as 'WARN' | undefined,
          },
        }
      : {}),
  };
}

async function concurrency(FunctionName: string, planned: Values, { account: { lambda }, perform }: Context): Promise<void> {
  const reserved = Number(planned.reserved_concurrent_executions);
  if (reserved >= 0) await perform(lambda.operations.PutFunctionConcurrency, { FunctionName, ReservedConcurrentExecutions: reserved });
  else if (planned.id) await perform(lambda.operations.DeleteFunctionConcurrency, { FunctionName });
}
