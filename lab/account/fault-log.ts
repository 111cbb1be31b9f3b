import type { Clock } from './clock';

/** A failure that nobody foresaw: it ended one request or one function, and nothing else. */
export interface Fault {
  /** Account time. */
  readonly at: Date;
  /** What failed, e.g. `sqs:SendMessage` or `function consumer`. */
  readonly where: string;
  readonly message: string;
}

/** So many of the latest faults are kept. */
const KEPT = 100;

/**
 * The faults of an account. Every promise that nobody awaits belongs to a {@link FaultLog.own}, so that its rejection is
 * recorded here instead of ending the process.
 */
export class FaultLog {
  private faults: Fault[] = [];
  private count = 0;
  private readonly recorded = new WeakSet<object>();

  constructor(private readonly clock: Clock) {}

  /** How many faults there were, also those no longer kept. */
  get total(): number {
    return this.count;
  }

  /** The latest faults, oldest first. */
  list(): readonly Fault[] {
    return [...this.faults];
  }

  /** Keeps a fault, and writes it to standard error with where it was thrown; never what a request held. */
  record(where: string, error: unknown): void {
    // The same error may come by more than one way, through an operation and through the request that asked for it.
    if (typeof error === 'object' && error !== null) {
      if (this.recorded.has(error)) return;
      this.recorded.add(error);
    }
    this.count += 1;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.faults = [...this.faults.slice(1 - KEPT), { at: this.clock.date(), where, message }];
    const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 6).join('\n') : '';
    process.stderr.write(`lab: fault in ${where}: ${message}\n${stack}\n`);
  }

  /** Takes charge of a promise that nobody awaits: what it rejects with is recorded. */
  own(where: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.record(where, error));
  }
}
