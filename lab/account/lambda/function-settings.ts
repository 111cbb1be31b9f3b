import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import { notModelled } from '../errors';
import type { FunctionSettings } from './function';

const UNSUPPORTED = [
  'VpcConfig',
  'DeadLetterConfig',
  'KMSKeyArn',
  'Layers',
  'FileSystemConfigs',
  'CodeSigningConfigArn',
  'ImageConfig',
  'SnapStart',
  'Publish',
  'EphemeralStorage',
  'DurableConfig',
  'CapacityProviderConfig',
  'TenancyConfig',
];

/**
 * Refuses what the lab does not model.
 *
 * @throws ServiceError naming the member
 */
export function refuseUnsupported(input: object): void {
  const unsupported = Object.entries(input).find(([member, value]) => UNSUPPORTED.includes(member) && value !== undefined && value !== false);
  if (unsupported) throw notModelled(`functions with ${unsupported[0]}`);
}

/**
 * The settings of a function: what a request says, otherwise what was set before, otherwise Lambda's defaults.
 *
 * @throws ServiceError for runtimes other than Node.js
 */
export function functionSettings(
  name: string,
  input: Omit<CreateFunctionRequest & UpdateFunctionConfigurationRequest, 'FunctionName' | 'Code' | 'Role'> & { Role?: string },
  before?: FunctionSettings,
): FunctionSettings {
  const runtime = input.Runtime ?? before?.runtime;
  if (!runtime?.startsWith('nodejs')) throw notModelled(`the runtime ${runtime}; functions run in Node.js`);
  const logging = input.LoggingConfig;
  return {
    role: input.Role ?? String(before?.role),
    handler: input.Handler ?? String(before?.handler),
    runtime,
    description: input.Description ?? before?.description ?? '',
    timeoutSeconds: input.Timeout ?? before?.timeoutSeconds ?? 3,
    memoryMb: input.MemorySize ?? before?.memoryMb ?? 128,
    architectures: (input as CreateFunctionRequest).Architectures ?? before?.architectures ?? ['x86_64'],
    environment: input.Environment?.Variables ?? before?.environment ?? {},
    tracingMode: input.TracingConfig?.Mode ?? before?.tracingMode ?? 'PassThrough',
    logging: logging
      ? {
          LogFormat: logging.LogFormat ?? 'Text',
          LogGroup: logging.LogGroup ?? `/aws/lambda/${name}`,
          ...(logging.LogFormat === 'JSON'
            ? { ApplicationLogLevel: logging.ApplicationLogLevel ?? 'INFO', SystemLogLevel: logging.SystemLogLevel ?? 'INFO' }
            : {}),
        }
      : (before?.logging ?? { LogFormat: 'Text', LogGroup: `/aws/lambda/${name}` }),
  };
}
