import type { Credentials } from '@aws-sdk/client-sts';
import type { AccountContext } from '../account-context';
import type { LambdaFunction } from './function';

/**
 * The whole environment of a function's process.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function processEnvironment(
  { name, config }: LambdaFunction,
  { account, credentials, logStream }: { account: AccountContext; credentials: Partial<Credentials>; logStream: string },
): Record<string, string> {
  return {
    ...config.environment,
    _HANDLER: config.handler,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: config.logging.LogGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: account.region,
    AWS_DEFAULT_REGION: account.region,
    AWS_ACCESS_KEY_ID: String(credentials.AccessKeyId),
    AWS_SECRET_ACCESS_KEY: String(credentials.SecretAccessKey),
    AWS_SESSION_TOKEN: String(credentials.SessionToken),
    AWS_ENDPOINT_URL: account.endpointUrl,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // There is no X-Ray daemon here.
    POWERTOOLS_TRACE_ENABLED: 'false',
    TZ: ':UTC',
    NODE_ENV: 'production',
  };
}
