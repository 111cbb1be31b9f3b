import { randomUUID } from 'node:crypto';
import type { AccountContext } from '../account-context';
import type { Caller } from '../caller';
import { ServiceError } from '../errors';
import type { LambdaFunction } from './function';
import { processEnvironment } from './process-environment';
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

/**
 * Runs functions: an execution environment for each concurrent invocation, reused as long as nothing changed. What is
 * outdated ends as soon as it is idle.
 */
export class Runtime {
  /**
   * Real milliseconds that one millisecond of a function's timeout lasts. More than one, because real time says little
   * about a function on a machine that is busy: nobody loses a message because something else ran at the same time.
   */
  timeScale = 10;
  private readonly environments = new Map<string, Set<Environment>>();
  private logging: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly account: AccountContext) {}

  /**
   * Runs a function once.
   *
   * @throws ServiceError TooManyRequestsException when all its concurrency is in use
   */
  async invoke(lambda: LambdaFunction, event: unknown): Promise<Result> {
    return this.account.activity.run('invocation', async () => {
      const environment = this.acquire(lambda);
      const requestId = randomUUID();
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
      const limit = { timeoutMs: lambda.config.timeoutSeconds * 1000, timeScale: this.timeScale };
      const outcome = await environment.worker.invoke(event, context, limit);
      if ('error' in outcome) await this.log(lambda, environment, JSON.stringify({ level: 'ERROR', requestId, errorType: outcome.error.errorType }));
      await this.logging;
      this.endOutdated(this.account.lambda.functions.get(lambda.name), lambda.name);
      return outcome;
    });
  }

  /** Ends the execution environments of a function that was deleted, as soon as they are idle. */
  drain(name: string): void {
    this.endOutdated(undefined, name);
  }

  /** Ends all at once, and starts no more. */
  close(): void {
    this.closed = true;
    for (const environments of this.environments.values()) for (const { worker } of environments) worker.stop();
    this.environments.clear();
  }

  /** Ids of the processes that run functions. */
  processes(): readonly number[] {
    return [...this.environments.values()].flatMap((environments) => [...environments].flatMap(({ worker }) => worker.pid ?? []));
  }

  private isCurrent(lambda: LambdaFunction | undefined, { worker, revision, expiresAt }: Environment): boolean {
    if (!lambda || !worker.alive) return false;
    return revision === revisionOf(lambda) && expiresAt - RENEW_BEFORE_MS > this.account.clock.now();
  }

  /** Ends what is outdated and idle; what is busy keeps its place in the set until it is idle. */
  private endOutdated(lambda: LambdaFunction | undefined, name: string): void {
    const environments = this.environments.get(name);
    for (const environment of environments ?? []) {
      if (this.isCurrent(lambda, environment) || (environment.worker.alive && !environment.worker.idle)) continue;
      environment.worker.stop();
      environments?.delete(environment);
    }
    if (environments?.size === 0) this.environments.delete(name);
  }

  private acquire(lambda: LambdaFunction): Environment {
    if (this.closed) throw new ServiceError('ServiceException', 'The account is closed.', 500);
    this.endOutdated(lambda, lambda.name);
    const environments = this.environments.get(lambda.name) ?? new Set();
    const all = [...environments];
    const busy = all.filter(({ worker }) => !worker.idle).length;
    if (busy >= (lambda.reservedConcurrency ?? DEFAULT_CONCURRENCY)) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    const free = all.find((environment) => environment.worker.idle && this.isCurrent(lambda, environment));
    if (free) return free;
    const environment = this.start(lambda);
    this.environments.set(lambda.name, environments.add(environment));
    return environment;
  }

  private start(lambda: LambdaFunction): Environment {
    const { account } = this;
    const { credentials, caller } = account.sts.serviceSession(lambda.config.role, lambda.name, 'lambda.amazonaws.com', lambda.arn);
    const date = account.clock.date().toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${date}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const worker = new Worker({
      zip: lambda.zip,
      onLine: (line) => this.log(lambda, environment, line),
      onFault: (error) => account.faults.record(`the folder of ${lambda.name}`, error),
      environment: processEnvironment(lambda, { account, credentials, logStream }),
    });
    const environment: Environment = { worker, caller, revision: revisionOf(lambda), expiresAt: credentials.Expiration?.getTime() ?? 0, logStream };
    const input = { logGroupName: lambda.config.logging.LogGroup, logStreamName: logStream };
    const created = this.enqueue(() => account.perform(account.logs.operations.CreateLogStream, input, account.call(caller)));
    account.faults.own(`the log stream of ${lambda.name}`, created);
    return environment;
  }

  /** Writes one line in the name of the execution role; a role that may not log loses its lines, as on AWS. */
  private log(lambda: LambdaFunction, environment: Environment, message: string): Promise<void> {
    const { account } = this;
    const timestamp = account.clock.now();
    return this.enqueue(() =>
      account.perform(
        account.logs.operations.PutLogEvents,
        { logGroupName: lambda.config.logging.LogGroup, logStreamName: environment.logStream, logEvents: [{ timestamp, message }] },
        account.call(environment.caller),
      ),
    );
  }

  /** Writes one after the other. What fails is the role's own affair, or a fault that `perform` has recorded. */
  private enqueue(write: () => Promise<unknown>): Promise<void> {
    const { activity } = this.account;
    // Registered from now on, also while it waits for its turn.
    this.logging = activity
      .run('log', () => this.logging.then(write))
      .then(
        () => undefined,
        () => undefined,
      );
    return this.logging;
  }
}

function revisionOf({ lastModified, config }: LambdaFunction): string {
  return JSON.stringify([lastModified.getTime(), config]);
}
