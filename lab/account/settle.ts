import type { AccountContext } from './account-context';

/** How far the work of an account has come. */
export interface Progress {
  /** Messages of queues with an enabled event source mapping: to be received, in flight, and delayed. */
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Messages that functions have processed and event source mappings have deleted, since the account exists. */
  readonly processed: number;
  /** Asynchronous invocations that are queued, run, or wait for a retry. */
  readonly events: number;
}

/** Messages that no amount of time would drain. */
export interface Remaining {
  /** Name of the queue. */
  readonly queue: string;
  readonly messages: number;
  /** Why they stay. */
  readonly reason: string;
}

/** How to settle. */
export interface SettleOptions {
  /** Gets the state every two seconds of real time while there is work. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What settling leaves behind. */
export interface Settled {
  readonly remaining: readonly Remaining[];
}

/** Something that acts of its own accord when a moment is due. */
export interface WorkSource {
  /**
   * The account time in milliseconds at which it acts next; a moment that has passed means that it is about to. Undefined:
   * never, unless somebody else changes something.
   */
  nextDue(): number | undefined;
}

const PROGRESS_MS = 2000;

/**
 * Runs the account until nothing is under way and nothing is due: every message processed or dead, every asynchronous
 * invocation done or discarded. It waits for work that is under way, however long that takes, and moves the clock only
 * while there is none, to the next due moment and no further. The end of a long poll is no work.
 *
 * It ends also when messages can never be drained: a mapping that is disabled is not waited for, nor one that was refused
 * three times in a row, nor a message that was received ten times and that no redrive policy moves.
 *
 * @throws the signal's reason when it aborts
 * @example
 * const { remaining } = await account.settle({ onProgress: ({ visible }) => console.log(`${visible} messages wait`) });
 */
export async function settle(account: AccountContext, { onProgress, signal }: SettleOptions = {}): Promise<Settled> {
  const report = onProgress && setInterval(() => onProgress(progressOf(account)), PROGRESS_MS);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const due = nextDue(account);
      if (account.activity.count() > 0) await account.activity.changed(signal);
      else if (due === undefined) return { remaining: remainingOf(account) };
      // What is due acts by itself, and its beginning is a change.
      else if (due <= account.clock.now()) await account.activity.changed(signal);
      else account.clock.advance(due - account.clock.now());
    }
  } finally {
    clearInterval(report);
  }
}

function nextDue({ lambda }: AccountContext): number | undefined {
  const sources: Iterable<WorkSource> = [...lambda.pollers.values(), lambda.asyncEvents];
  let earliest: number | undefined;
  for (const source of sources) {
    const due = source.nextDue();
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** The state of an account's work. */
function progressOf({ lambda, sqs }: AccountContext): Progress {
  const pollers = [...lambda.pollers.values()];
  const arns = new Set(pollers.filter(({ mapping }) => mapping.enabled).map(({ mapping }) => mapping.queueArn));
  const counts = [...arns].flatMap((arn) => sqs.byArn(arn)?.counts() ?? []);
  const sum = (part: 'visible' | 'inFlight' | 'delayed') => counts.reduce((total, count) => total + count[part], 0);
  return {
    visible: sum('visible'),
    inFlight: sum('inFlight'),
    delayed: sum('delayed'),
    processed: lambda.processedMessages,
    events: lambda.asyncEvents.pending,
  };
}

/** By queue, because one queue may have several mappings. */
function remainingOf({ lambda, sqs }: AccountContext): Remaining[] {
  const byQueue = new Map<string, Remaining>();
  for (const poller of lambda.pollers.values()) {
    const queue = sqs.byArn(poller.mapping.queueArn);
    const messages = queue?.size ?? 0;
    if (queue && messages > 0) byQueue.set(queue.name, { queue: queue.name, messages, reason: poller.blockedBy() });
  }
  return [...byQueue.values()];
}
