import { EventEmitter, once } from 'node:events';
import type { FaultLog } from './fault-log';

/**
 * Work that no request waits for: batches on their way through a function, asynchronous invocations, lines of logs. It owns
 * every such promise: a failure is recorded, and what is under way can be asked for instead of being guessed from silence.
 */
export class BackgroundWork {
  private readonly running = new Set<Promise<void>>();
  private readonly events = new EventEmitter().setMaxListeners(0);

  constructor(private readonly faults: FaultLog) {}

  /** How many pieces of work are under way. */
  get count(): number {
    return this.running.size;
  }

  /**
   * Starts work that ends by itself.
   *
   * @param where how a failure is named in the fault log
   * @returns resolves when the work has ended, well or not
   */
  start(where: string, work: () => Promise<unknown>): Promise<void> {
    const ended = work()
      .then(
        () => undefined,
        (error: unknown) => this.faults.record(where, error),
      )
      .finally(() => {
        this.running.delete(ended);
        this.changed();
      });
    this.running.add(ended);
    this.changed();
    return ended;
  }

  /** The same for work that nobody waits for. */
  begin(where: string, work: () => Promise<unknown>): void {
    this.start(where, work).catch((error: unknown) => this.faults.record(where, error));
  }

  /** Owns a loop that runs until it is stopped: it does not count as work under way, but its failure is recorded. */
  own(where: string, loop: () => Promise<unknown>): void {
    loop().catch((error: unknown) => this.faults.record(where, error));
  }

  /** Tells those who wait that something may have changed. */
  changed(): void {
    this.events.emit('change');
  }

  /** Resolves at the next change, or when `signal` aborts. */
  async nextChange(signal?: AbortSignal): Promise<void> {
    try {
      await once(this.events, 'change', { signal });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
