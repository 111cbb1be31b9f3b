import { readFileSync } from 'node:fs';

/**
 * Milliseconds that a process has waited for a processor so far. Linux counts them; elsewhere it is 0.
 * Source: https://docs.kernel.org/scheduler/sched-stats.html
 */
function waitedMs(pid: number): number {
  try {
    const [, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(waited) / 1e6 || 0;
  } catch {
    return 0;
  }
}

/**
 * Time that a function has had to run: the time that passed, less what its process and the account's own waited for a
 * processor. A busy machine does not make a function time out that would have ended in time.
 */
export class RunningTime {
  private readonly startedAt = performance.now();
  private readonly waitedBefore: number;

  constructor(private readonly pids: readonly number[]) {
    this.waitedBefore = this.waited();
  }

  /** Milliseconds. */
  elapsed(): number {
    return performance.now() - this.startedAt - (this.waited() - this.waitedBefore);
  }

  private waited(): number {
    return this.pids.reduce((sum, pid) => sum + waitedMs(pid), 0);
  }
}
