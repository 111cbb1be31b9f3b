import type { LambdaFunction } from './function';
import type { Worker } from './worker';

/** One execution environment with what it was made for. */
export interface ExecutionEnvironment {
  readonly worker: Worker;
  readonly functionName: string;
  /** Which code and configuration it runs, so that an update is seen. */
  readonly revision: string;
  /** Account time in milliseconds at which its credentials end. */
  readonly expiresAt: number;
}

/** Credentials are renewed this many milliseconds before they expire. */
const RENEW_BEFORE_MS = 60_000;

/** Which code and configuration a function has now. */
export const revisionOf = (lambda: LambdaFunction) => JSON.stringify([lambda.codeVersion, lambda.config]);

/**
 * All execution environments of all functions until they have ended. One that is outdated takes no further invocation: it
 * finishes what it runs, then it ends.
 */
export class ExecutionEnvironments<Environment extends ExecutionEnvironment> {
  private readonly environments = new Set<Environment>();

  /** How many have not ended. */
  get size(): number {
    return this.environments.size;
  }

  add(environment: Environment): void {
    this.environments.add(environment);
  }

  /**
   * Environments that can run the function as it is now; those that cannot any more end as soon as they are idle.
   *
   * @param now account time in milliseconds
   */
  current(lambda: LambdaFunction, now: number): Environment[] {
    const revision = revisionOf(lambda);
    const isCurrent = (environment: Environment) =>
      environment.worker.alive && environment.revision === revision && environment.expiresAt - RENEW_BEFORE_MS > now;
    const own = [...this.environments].filter(({ functionName }) => functionName === lambda.name);
    for (const environment of own) if (!isCurrent(environment)) this.endIfIdle(environment);
    return own.filter(isCurrent);
  }

  /** How many invocations of a function are under way, also in outdated environments. */
  busy(functionName: string): number {
    return [...this.environments].filter(({ worker, functionName: name }) => name === functionName && worker.alive && !worker.idle).length;
  }

  /** To be called after an invocation: an environment that is not for the function any more ends. */
  release(environment: Environment, lambda: LambdaFunction | undefined, now: number): void {
    if (!lambda || !this.current(lambda, now).includes(environment)) this.endIfIdle(environment);
  }

  /** Ends those of one function, or all, at once. */
  end(functionName?: string): void {
    for (const environment of this.environments) {
      if (functionName !== undefined && environment.functionName !== functionName) continue;
      environment.worker.stop();
      this.environments.delete(environment);
    }
  }

  private endIfIdle(environment: Environment): void {
    if (environment.worker.alive && !environment.worker.idle) return;
    environment.worker.stop();
    this.environments.delete(environment);
  }
}
