/** Something that went wrong without a caller who could be told. */
export interface Fault {
  /** Account time. */
  readonly time: Date;
  /** What was being done, e.g. `event source mapping of consumer`. */
  readonly where: string;
  readonly message: string;
}

const KEPT = 100;

/**
 * Faults that nobody foresaw: each ended the request or the function that caused it, and the account lives on. `lab status`
 * shows them. No message body gets here: of an error only its name, its message and where it was thrown are kept.
 */
export class FaultLog {
  private readonly latest: Fault[] = [];
  private recorded = 0;

  constructor(private readonly now: () => Date) {}

  /** How many were recorded since the account exists. */
  get count(): number {
    return this.recorded;
  }

  /** The latest ones, first to last. */
  get faults(): readonly Fault[] {
    return this.latest;
  }

  /** Keeps a fault, and tells it on standard error. */
  record(where: string, error: unknown): void {
    const { name = 'Error', stack = '' } = error instanceof Error ? error : { name: typeof error };
    const message = error instanceof Error ? `${name}: ${error.message}` : String(error);
    this.recorded += 1;
    this.latest.push({ time: this.now(), where, message });
    if (this.latest.length > KEPT) this.latest.shift();
    process.stderr.write(`lab: unexpected fault in ${where}: ${message}\n${stack.split('\n').slice(1, 6).join('\n')}\n`);
  }
}
