import { randomUUID } from 'node:crypto';
import type { AccountContext } from '../account-context';
import type { Caller } from '../caller';
import { ServiceError } from '../errors';
import type { LambdaFunction } from './function';
import { type Result, Worker } from './worker';

interface Environment {
  readonly worker: Worker;
  readonly caller: Caller;
  /** Which code and configuration it runs, so that an update is seen. */
  readonly revision: string;
  readonly expiresAt: number;
  readonly logStream: string;
}

/** Credentials are renewed this long before they expire. */
const RENEW_BEFORE_MS = 60_000;
const DEFAULT_CONCURRENCY = 1000;

/** Runs functions: an execution environment for each concurrent invocation, reused as long as nothing changed. */
export class Runtime {
  private readonly environments = new Map<string, Environment[]>();
  private logging: Promise<void> = Promise.resolve();

  constructor(private readonly account: AccountContext) {}

  /** Runs a function once. */
  async invoke(lambda: LambdaFunction, event: unknown): Promise<Result & { readonly requestId: string }> {
    const requestId = randomUUID();
    const environment = this.acquire(lambda);
    const context = {
      functionName: lambda.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: lambda.arn,
      memoryLimitInMB: String(lambda.config.memoryMb),
      awsRequestId: requestId,
      logGroupName: lambda.config.logging.LogGroup,
      logStreamName: environment.logStream,
      callbackWaitsForEmptyEventLoop: true,
    };
    const outcome = await environment.worker.invoke(event, context, lambda.config.timeoutSeconds * 1000);
    if ('error' in outcome) this.log(lambda, environment, JSON.stringify({ level: 'ERROR', requestId, errorType: outcome.error.errorType }));
    await this.logging;
    return { ...outcome, requestId };
  }

  /** Ends the execution environments of a function. */
  stop(name: string): void {
    for (const { worker } of this.environments.get(name) ?? []) worker.stop();
    this.environments.delete(name);
  }

  /** Ends all. */
  stopAll(): void {
    for (const name of [...this.environments.keys()]) this.stop(name);
  }

  private acquire(lambda: LambdaFunction): Environment {
    const revision = JSON.stringify([lambda.lastModified.getTime(), lambda.config]);
    const now = this.account.clock.now();
    const pool = this.environments.get(lambda.name) ?? [];
    const current = pool.filter(({ worker, revision: running, expiresAt }) => {
      const usable = worker.alive && running === revision && expiresAt - RENEW_BEFORE_MS > now;
      if (!usable && (worker.idle || !worker.alive)) worker.stop();
      return usable;
    });
    const free = current.find(({ worker }) => worker.idle);
    if (!free && current.length >= (lambda.reservedConcurrency ?? DEFAULT_CONCURRENCY)) {
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    const environment = free ?? this.start(lambda, revision);
    this.environments.set(lambda.name, free ? current : [...current, environment]);
    return environment;
  }

  private start(lambda: LambdaFunction, revision: string): Environment {
    const { account } = this;
    const { credentials, caller } = account.sts.serviceSession(lambda.config.role, lambda.name, 'lambda.amazonaws.com', lambda.arn);
    const date = account.clock.date().toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${date}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const worker = new Worker({
      zip: lambda.zip,
      onLine: (line) => this.log(lambda, environment, line),
      environment: {
        ...lambda.config.environment,
        _HANDLER: lambda.config.handler,
        AWS_LAMBDA_FUNCTION_NAME: lambda.name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.config.memoryMb),
        AWS_LAMBDA_LOG_GROUP_NAME: lambda.config.logging.LogGroup,
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
      },
    });
    const environment: Environment = { worker, caller, revision, expiresAt: credentials.Expiration?.getTime() ?? 0, logStream };
    this.enqueue(() =>
      account.perform(
        account.logs.operations.CreateLogStream,
        { logGroupName: lambda.config.logging.LogGroup, logStreamName: logStream },
        account.call(caller),
      ),
    );
    return environment;
  }

  /** Writes one line in the name of the execution role; a role that may not log loses its lines, as on AWS. */
  private log(lambda: LambdaFunction, environment: Environment, message: string): void {
    const { account } = this;
    const timestamp = account.clock.now();
    this.enqueue(() =>
      account.perform(
        account.logs.operations.PutLogEvents,
        { logGroupName: lambda.config.logging.LogGroup, logStreamName: environment.logStream, logEvents: [{ timestamp, message }] },
        account.call(environment.caller),
      ),
    );
  }

  private enqueue(write: () => Promise<unknown>): void {
    this.logging = this.logging.then(write).then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof ServiceError)) throw error;
      },
    );
  }
}
