import { createHash } from 'node:crypto';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Tags } from '../tags';
import type { FunctionUrl } from './function-url';

/** A function as the account keeps it. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  config: FunctionSettings;
  /** The zip exactly as it was uploaded. */
  zip: Buffer;
  lastModified: Date;
  reservedConcurrency?: number;
  url?: FunctionUrl;
  readonly tags: Tags;
}

/** What can be configured. */
export interface FunctionSettings {
  readonly role: string;
  readonly handler: string;
  readonly runtime: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly architectures: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly tracingMode: string;
  readonly logging: { readonly LogFormat: string; readonly LogGroup: string; readonly ApplicationLogLevel?: string; readonly SystemLogLevel?: string };
}

/** SHA-256 of the package as Lambda shows it: base64. */
function codeHash(zip: Buffer): string {
  return createHash('sha256').update(zip).digest('base64');
}

/** A function as Lambda describes it. */
export function describeFunction(lambda: LambdaFunction): FunctionConfiguration {
  const { config } = lambda;
  return {
    FunctionName: lambda.name,
    FunctionArn: lambda.arn,
    Runtime: config.runtime as FunctionConfiguration['Runtime'],
    Role: config.role,
    Handler: config.handler,
    CodeSize: lambda.zip.length,
    Description: config.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    LastModified: lambda.lastModified.toISOString().replace('Z', '+0000'),
    CodeSha256: codeHash(lambda.zip),
    Version: '$LATEST',
    ...(Object.keys(config.environment).length > 0 ? { Environment: { Variables: { ...config.environment } } } : {}),
    TracingConfig: { Mode: config.tracingMode as 'Active' },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [...config.architectures] as FunctionConfiguration['Architectures'],
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { ...config.logging } as FunctionConfiguration['LoggingConfig'],
  };
}
