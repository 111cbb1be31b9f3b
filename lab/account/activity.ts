/** Kinds of work that the account does of its own accord or that a request waits for. */
export type ActivityKind = 'invocation' | 'poll' | 'log' | 'event';

/**
 * The work under way in an account, as counts. Work is registered before what it takes up leaves its place, and ends after
 * what it leaves behind is in its place: a count of zero means that nothing is under way, at any moment.
 */
export class Activity {
  private readonly counts = new Map<ActivityKind, number>();
  private readonly listeners = new Set<() => void>();

  /** Registers work until it has settled. */
  async run<T>(kind: ActivityKind, work: () => Promise<T>): Promise<T> {
    this.change(kind, 1);
    try {
      return await work();
    } finally {
      this.change(kind, -1);
    }
  }

  /** How much work is under way, of one kind or of all. */
  count(kind?: ActivityKind): number {
    if (kind) return this.counts.get(kind) ?? 0;
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when work begins or ends, or when `signal` aborts. */
  changed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.listeners.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.listeners.add(done);
      signal?.addEventListener('abort', done, { once: true });
      if (signal?.aborted) done();
    });
  }

  private change(kind: ActivityKind, by: number): void {
    this.counts.set(kind, this.count(kind) + by);
    for (const listener of [...this.listeners]) listener();
  }
}
