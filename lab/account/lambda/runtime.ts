import { randomUUID } from 'node:crypto';
import type { AccountContext } from '../account-context';
import type { Caller } from '../caller';
import { ServiceError } from '../errors';
import { type ExecutionEnvironment, ExecutionEnvironments, revisionOf } from './execution-environments';
import type { LambdaFunction } from './function';
import type { Result } from './runtime-messages';
import { Worker } from './worker';

interface Environment extends ExecutionEnvironment {
  readonly caller: Caller;
  readonly logGroup: string;
  readonly logStream: string;
}

/** Concurrent invocations of an account. Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
const DEFAULT_CONCURRENCY = 1000;

/** Runs functions: an execution environment for each concurrent invocation, reused as long as nothing changed. */
export class Runtime {
  private readonly environments = new ExecutionEnvironments<Environment>();
  private logging: Promise<void> = Promise.resolve();

  constructor(private readonly account: AccountContext) {}

  /** Execution environments that have not ended. */
  get environmentCount(): number {
    return this.environments.size;
  }

  /**
   * Runs a function once; what it logged is written when this resolves.
   *
   * @throws ServiceError when the function is throttled
   */
  async invoke(lambda: LambdaFunction, event: unknown): Promise<Result> {
    const requestId = randomUUID();
    const environment = this.acquire(lambda);
    const context = {
      functionName: lambda.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: lambda.arn,
      memoryLimitInMB: String(lambda.config.memoryMb),
      awsRequestId: requestId,
      logGroupName: environment.logGroup,
      logStreamName: environment.logStream,
      callbackWaitsForEmptyEventLoop: true,
    };
    const outcome = await environment.worker.invoke(event, context, lambda.config.timeoutSeconds * 1000);
    if ('error' in outcome) this.log(environment, JSON.stringify({ level: 'ERROR', requestId, errorType: outcome.error.errorType }));
    await this.logging;
    this.environments.release(environment, this.account.lambda.functions.get(lambda.name), this.account.clock.now());
    return outcome;
  }

  /** Ends the execution environments of a function. */
  stop(functionName: string): void {
    this.environments.end(functionName);
  }

  /** Ends all. */
  stopAll(): void {
    this.environments.end();
  }

  private acquire(lambda: LambdaFunction): Environment {
    const current = this.environments.current(lambda, this.account.clock.now());
    if (this.environments.busy(lambda.name) >= (lambda.reservedConcurrency ?? DEFAULT_CONCURRENCY)) {
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    return current.find(({ worker }) => worker.idle) ?? this.start(lambda);
  }

  private start(lambda: LambdaFunction): Environment {
    const { account } = this;
    const { credentials, caller } = account.sts.serviceSession(lambda.config.role, lambda.name, 'lambda.amazonaws.com', lambda.arn);
    const date = account.clock.date().toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${date}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const logGroup = lambda.config.logging.LogGroup;
    const worker = new Worker({
      zip: lambda.zip,
      onLine: (line) => this.log(environment, line),
      environment: {
        ...lambda.config.environment,
        ...reservedVariables(lambda, logStream),
        AWS_REGION: account.region,
        AWS_DEFAULT_REGION: account.region,
        AWS_ACCESS_KEY_ID: String(credentials.AccessKeyId),
        AWS_SECRET_ACCESS_KEY: String(credentials.SecretAccessKey),
        AWS_SESSION_TOKEN: String(credentials.SessionToken),
        AWS_ENDPOINT_URL: account.endpointUrl,
      },
    });
    const environment: Environment = {
      worker,
      functionName: lambda.name,
      caller,
      revision: revisionOf(lambda),
      expiresAt: credentials.Expiration?.getTime() ?? 0,
      logGroup,
      logStream,
    };
    this.environments.add(environment);
    const { CreateLogStream } = account.logs.operations;
    this.enqueue(() => account.perform(CreateLogStream, { logGroupName: logGroup, logStreamName: logStream }, account.call(caller)));
    return environment;
  }

  /** Writes one line in the name of the execution role; a role that may not log loses its lines, as on AWS. */
  private log({ caller, logGroup, logStream }: Environment, message: string): void {
    const { account } = this;
    const timestamp = account.clock.now();
    const input = { logGroupName: logGroup, logStreamName: logStream, logEvents: [{ timestamp, message }] };
    this.enqueue(() => account.perform(account.logs.operations.PutLogEvents, input, account.call(caller)));
  }

  private enqueue(write: () => Promise<unknown>): void {
    const { background } = this.account;
    const before = this.logging;
    this.logging = background.start('the logs of a function', async () => {
      await before;
      try {
        await write();
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
      }
    });
  }
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reservedVariables = (lambda: LambdaFunction, logStream: string) => ({
  _HANDLER: lambda.config.handler,
  AWS_LAMBDA_FUNCTION_NAME: lambda.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.config.memoryMb),
  AWS_LAMBDA_LOG_GROUP_NAME: lambda.config.logging.LogGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  // There is no X-Ray daemon here.
  POWERTOOLS_TRACE_ENABLED: 'false',
  TZ: ':UTC',
  NODE_ENV: 'production',
});
