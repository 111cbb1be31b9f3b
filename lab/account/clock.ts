/**
 * The one clock of the account. It runs with the wall clock and can be moved ahead, so that waiting for a visibility
 * timeout, a key cache or an expiry takes no real time.
 */
export class Clock {
  private offset = 0;
  private readonly sleepers = new Set<() => void>();

  /** Milliseconds since 1970, account time. */
  now(): number {
    return Date.now() + this.offset;
  }

  /** The same as a date. */
  date(): Date {
    return new Date(this.now());
  }

  /**
   * Moves the clock ahead and wakes what was waiting for that.
   *
   * @param ms milliseconds
   * @throws RangeError when `ms` is negative or not a number
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError('The clock only moves ahead');
    this.offset += ms;
    for (const wake of [...this.sleepers]) wake();
  }

  /** Resolves when so many milliseconds of account time have passed, or when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const due = this.now() + ms;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const done = () => {
        clearTimeout(timer);
        this.sleepers.delete(check);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const check = () => {
        clearTimeout(timer);
        const left = due - this.now();
        if (left <= 0 || signal?.aborted) done();
        // What only sleeps does not keep the process alive.
        else timer = setTimeout(check, left).unref();
      };
      signal?.addEventListener('abort', done, { once: true });
      this.sleepers.add(check);
      check();
    });
  }
}
