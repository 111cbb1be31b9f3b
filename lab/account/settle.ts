import type { AccountContext } from './account-context';
import type { Poller } from './lambda/poller';
import type { Message } from './sqs/message';
import type { Queue } from './sqs/queue';

/** What is left when nothing can be done any more. */
export interface Settled {
  /** Messages in the queues of enabled event source mappings that no mapping gets rid of: refused, or without a dead-letter queue. */
  readonly remainingMessages: number;
}

/** How to settle. */
export interface SettleOptions {
  /** Ends the waiting; what is under way goes on. */
  readonly signal?: AbortSignal;
}

/** A message without a usable dead-letter queue is given up after so many receives, or it would return for ever. */
const MAX_RECEIVES = 10;

type State = { readonly kind: 'busy' } | { readonly kind: 'idle' } | { readonly kind: 'due'; readonly at: number };

/**
 * Runs an account until nothing is under way: no function runs, no batch is collected, no message waits to become visible to
 * an event source mapping, no asynchronous invocation waits for a retry. Everything is asked, nothing is guessed from
 * silence. The clock is moved only to the next moment at which something is due, and only while no function runs.
 *
 * @example
 * await account.settle(); // every message was processed, or is in its dead-letter queue
 */
export async function settle(account: AccountContext, { signal }: SettleOptions = {}): Promise<Settled> {
  const refusals = new Map([...account.lambda.pollers.values()].map((poller) => [poller, poller.refusals]));
  const receives = new Map<string, number>();
  for (;;) {
    signal?.throwIfAborted();
    const state = stateOf(account, refusals, receives);
    if (state.kind === 'idle') return { remainingMessages: remaining(account) };
    if (state.kind === 'busy') await account.background.nextChange(signal);
    else account.clock.advance(Math.max(0, state.at - account.clock.now()));
  }
}

function stateOf(account: AccountContext, refusals: ReadonlyMap<Poller, number>, receives: Map<string, number>): State {
  if (account.background.count > 0) return { kind: 'busy' };
  const states = [...account.lambda.pollers.values()].map((poller) => pollerState(account, poller, refusals.get(poller) ?? 0, receives));
  const retryAt = account.lambda.asynchronous.nextDue();
  if (retryAt !== undefined) states.push(dueAt(account, retryAt));
  if (states.some(({ kind }) => kind === 'busy')) return { kind: 'busy' };
  const moments = states.flatMap((state) => (state.kind === 'due' ? [state.at] : []));
  return moments.length === 0 ? { kind: 'idle' } : { kind: 'due', at: moments.reduce((a, b) => Math.min(a, b)) };
}

/** What is due already is about to happen. */
const dueAt = (account: AccountContext, at: number): State => (at <= account.clock.now() ? { kind: 'busy' } : { kind: 'due', at });

function pollerState(account: AccountContext, poller: Poller, refusalsBefore: number, receives: Map<string, number>): State {
  const { state, mapping } = poller;
  const queue = account.sqs.byArn(mapping.queueArn);
  switch (state.kind) {
    case 'stopped':
      return { kind: 'idle' };
    case 'full':
      return { kind: 'busy' };
    case 'disabled':
      return mapping.enabled ? dueAt(account, state.until) : { kind: 'idle' };
    case 'refused':
      // It is tried once more: what was missing may be there now.
      return poller.refusals === refusalsBefore ? dueAt(account, state.until) : { kind: 'idle' };
    case 'collecting':
      return queue?.hasVisible() ? { kind: 'busy' } : dueAt(account, state.until);
    case 'polling': {
      if (queue?.hasVisible()) return { kind: 'busy' };
      const at = queue?.nextVisibleAt((message) => isDrainable(account, queue, message, receives));
      return at === undefined ? { kind: 'idle' } : { kind: 'due', at };
    }
  }
}

/** Whether a message ends somewhere: in the function, or after so many receives in the dead-letter queue. */
function isDrainable(account: AccountContext, queue: Queue, message: Message, receives: Map<string, number>): boolean {
  const { redrivePolicy } = queue;
  const target = redrivePolicy && account.sqs.byArn(redrivePolicy.deadLetterTargetArn);
  if (target?.acceptsDeadLettersOf(queue.arn)) return true;
  const before = receives.get(message.id) ?? message.receiveCount;
  receives.set(message.id, before);
  return message.receiveCount - before < MAX_RECEIVES;
}

function remaining(account: AccountContext): number {
  const queues = new Set([...account.lambda.pollers.values()].filter(({ mapping }) => mapping.enabled).map(({ mapping }) => mapping.queueArn));
  return [...queues].reduce((sum, arn) => sum + (account.sqs.byArn(arn)?.messages.length ?? 0), 0);
}
