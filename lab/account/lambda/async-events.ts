import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { AccountContext } from '../account-context';
import { ServiceError } from '../errors';
import type { WorkSource } from '../settle';

/** An asynchronous invocation that was given up. */
export interface DroppedEvent {
  readonly requestId: string;
  readonly functionName: string;
  /** Account time. */
  readonly at: Date;
  readonly attempts: number;
  readonly reason: string;
}

interface QueuedEvent {
  readonly requestId: string;
  readonly functionName: string;
  readonly event: unknown;
  readonly receivedAt: number;
  dueAt: number;
  running: boolean;
  /** Invocations that the function failed. */
  failures: number;
  /** Invocations that did not begin. */
  throttles: number;
}

const RETRY_AFTER_MS = [60_000, 120_000];
const MAX_AGE_MS = 6 * 3600 * 1000;
const MAX_BACKOFF_MS = 300_000;
/** So many events are invoked at a time; AWS does not say how many it takes. */
const PARALLEL = 10;
const KEPT = 100;

/**
 * The queue of asynchronous invocations: what the function fails is retried twice, after one and two minutes; what is
 * throttled is retried for up to six hours, after one second at first and five minutes at most. Then events are dropped.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsyncEvents implements WorkSource {
  private readonly queued = new Set<QueuedEvent>();
  private readonly stopping = new AbortController();
  private running = 0;
  private waiting: (() => void)[] = [];
  private droppedEvents: DroppedEvent[] = [];

  constructor(private readonly account: AccountContext) {
    // Every event that waits listens.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Events that are queued, run, or wait for a retry. */
  get pending(): number {
    return this.queued.size;
  }

  /** The latest events that were given up, oldest first. */
  get dropped(): readonly DroppedEvent[] {
    return this.droppedEvents;
  }

  /** Takes an event; the caller does not wait for its function. */
  submit(functionName: string, event: unknown): void {
    const now = this.account.clock.now();
    const queued = { requestId: randomUUID(), functionName, event, receivedAt: now, dueAt: now, running: false, failures: 0, throttles: 0 };
    this.queued.add(queued);
    this.account.faults.own(`asynchronous invocation of ${functionName}`, this.handle(queued));
  }

  /** Ends all retries. */
  stop(): void {
    this.stopping.abort();
    for (const next of this.waiting.splice(0)) next();
  }

  nextDue(): number | undefined {
    let earliest: number | undefined;
    for (const { running, dueAt } of this.queued) if (!running && (earliest === undefined || dueAt < earliest)) earliest = dueAt;
    return earliest;
  }

  private async handle(queued: QueuedEvent): Promise<void> {
    const { clock, activity } = this.account;
    while (this.queued.has(queued)) {
      await clock.sleep(queued.dueAt - clock.now(), this.stopping.signal);
      await this.acquire();
      if (this.stopping.signal.aborted) return;
      queued.running = true;
      await activity
        .run('event', async () => {
          const end = await this.attempt(queued);
          queued.running = false;
          if (end !== 'retry') this.queued.delete(queued);
          if (typeof end === 'object') this.drop(queued, end.dropped);
        })
        .finally(() => this.release());
    }
  }

  /** Invokes once, and says whether the event is done, due again, or given up. */
  private async attempt(queued: QueuedEvent): Promise<'done' | 'retry' | { readonly dropped: string }> {
    const { lambda, clock, faults } = this.account;
    if (clock.now() - queued.receivedAt > MAX_AGE_MS) return { dropped: 'EventAgeExceeded' };
    try {
      const outcome = await lambda.runtime.invoke(lambda.find(queued.functionName), queued.event);
      if (!('error' in outcome)) return 'done';
      const wait = RETRY_AFTER_MS[queued.failures];
      queued.failures += 1;
      if (wait === undefined) return { dropped: 'RetriesExhausted' };
      queued.dueAt = clock.now() + wait;
    } catch (error) {
      if (!(error instanceof ServiceError)) faults.record(`asynchronous invocation of ${queued.functionName}`, error);
      else if (error.status === 404) return { dropped: error.message };
      queued.dueAt = clock.now() + Math.min(MAX_BACKOFF_MS, 1000 * 2 ** queued.throttles);
      queued.throttles += 1;
    }
    return 'retry';
  }

  private drop({ requestId, functionName, failures, throttles }: QueuedEvent, reason: string): void {
    const dropped = { requestId, functionName, at: this.account.clock.date(), attempts: failures + throttles, reason };
    this.droppedEvents = [...this.droppedEvents.slice(1 - KEPT), dropped];
  }

  private async acquire(): Promise<void> {
    if (this.running >= PARALLEL && !this.stopping.signal.aborted) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
  }

  /** The place goes to the next that waits. */
  private release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}
