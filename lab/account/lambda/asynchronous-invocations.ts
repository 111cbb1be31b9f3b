import type { AccountContext } from '../account-context';
import { ServiceError } from '../errors';
import type { LambdaFunction } from './function';
import type { Result } from './runtime-messages';

/** An event that waits to be tried, or tried again. Times are account time in milliseconds. */
interface QueuedEvent {
  readonly functionName: string;
  readonly payload: unknown;
  readonly acceptedAt: number;
  dueAt: number;
  /** Runs that ended in an error of the function. */
  failures: number;
  /** Attempts that were throttled in a row. */
  throttles: number;
}

/** How asynchronous events of a function are handled unless it is configured otherwise. */
const RETRY_AFTER_MS = [60_000, 120_000] as const;
const MAX_EVENT_AGE_MS = 6 * 3_600_000;
const MAX_BACKOFF_MS = 300_000;

/** What came of the events that have left the queue. */
export interface AsynchronousOutcomes {
  succeeded: number;
  /** Given up after the retries, or because they were too old. There is no destination that gets them. */
  discarded: number;
}

/**
 * The queue of asynchronous invocations: an error of the function is retried twice, after one minute and after two more;
 * a throttled event is tried again with growing pauses of up to five minutes, until it is six hours old.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsynchronousInvocations {
  private readonly waiting = new Set<QueuedEvent>();
  readonly outcomes: AsynchronousOutcomes = { succeeded: 0, discarded: 0 };
  private readonly stopping = new AbortController();

  constructor(
    private readonly account: AccountContext,
    private readonly invoke: (lambda: LambdaFunction, payload: unknown) => Promise<Result>,
    private readonly find: (functionName: string) => LambdaFunction | undefined,
  ) {}

  /** How many events wait for an attempt. */
  get size(): number {
    return this.waiting.size;
  }

  /** Account time in milliseconds of the next attempt; `undefined` when no event waits. */
  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { dueAt } of this.waiting) if (next === undefined || dueAt < next) next = dueAt;
    return next;
  }

  /** Accepts an event; its first attempt is made at once. */
  accept(functionName: string, payload: unknown): void {
    const now = this.account.clock.now();
    this.schedule({ functionName, payload, acceptedAt: now, dueAt: now, failures: 0, throttles: 0 });
  }

  /** Forgets what waits. */
  stop(): void {
    this.stopping.abort();
    this.waiting.clear();
  }

  private schedule(event: QueuedEvent): void {
    const { background, clock } = this.account;
    this.waiting.add(event);
    const where = `an asynchronous invocation of ${event.functionName}`;
    const attempt = async () => {
      await clock.sleep(event.dueAt - clock.now(), this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      // From here on it is work under way, before it stops waiting: nobody finds it in neither place.
      const work = background.start(where, () => this.attempt(event));
      this.waiting.delete(event);
      await work;
    };
    background.own(where, attempt);
  }

  private async attempt(event: QueuedEvent): Promise<void> {
    const { clock } = this.account;
    const lambda = this.find(event.functionName);
    if (!lambda || clock.now() - event.acceptedAt > MAX_EVENT_AGE_MS) {
      this.outcomes.discarded += 1;
      return;
    }
    try {
      const outcome = await this.invoke(lambda, event.payload);
      if ('error' in outcome) this.afterFailure(event);
      else this.outcomes.succeeded += 1;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      event.throttles += 1;
      this.retry(event, Math.min(1000 * 2 ** (event.throttles - 1), MAX_BACKOFF_MS));
    }
  }

  private afterFailure(event: QueuedEvent): void {
    const pause = RETRY_AFTER_MS[event.failures];
    event.failures += 1;
    event.throttles = 0;
    if (pause === undefined) this.outcomes.discarded += 1;
    else this.retry(event, pause);
  }

  private retry(event: QueuedEvent, pauseMs: number): void {
    const now = this.account.clock.now();
    if (now + pauseMs - event.acceptedAt > MAX_EVENT_AGE_MS) {
      this.outcomes.discarded += 1;
      return;
    }
    event.dueAt = now + pauseMs;
    this.schedule(event);
  }
}
