import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Policy } from '../../../evaluator/index';
import type { Clock } from '../clock';
import type { StoredPolicy } from '../stored-policy';
import type { Tags } from '../tags';
import { type Message, newReceipt } from './message';
import { parseRedriveAllowPolicy, parseRedrivePolicy, type RedrivePolicy } from './redrive';

/** One standard queue: an own store, because none on the registry has a clock that can be moved (docs/decisions). */
export class Queue {
  readonly tags: Tags = {};
  readonly createdAt: number;
  modifiedAt: number;
  policy?: StoredPolicy;
  messages: Message[] = [];
  private readonly arrivals = new EventEmitter().setMaxListeners(0);

  constructor(
    readonly name: string,
    readonly arn: string,
    /** Settable attributes as SQS names them, all as text. */
    readonly attributes: Record<string, string>,
    private readonly clock: Clock,
  ) {
    this.createdAt = this.modifiedAt = clock.now();
  }

  compiledPolicy(): Policy | undefined {
    return this.policy?.policy();
  }

  /** A numeric attribute; seconds for all that are times. */
  number(attribute: string): number {
    return Number(this.attributes[attribute]);
  }

  get keyId(): string | undefined {
    return this.attributes.KmsMasterKeyId || undefined;
  }

  get isEncrypted(): boolean {
    return this.keyId !== undefined || this.attributes.SqsManagedSseEnabled === 'true';
  }

  get redrivePolicy(): RedrivePolicy | undefined {
    const text = this.attributes.RedrivePolicy;
    return text ? parseRedrivePolicy(text) : undefined;
  }

  /** Whether a queue may use this one for its dead-letter messages. */
  acceptsDeadLettersOf(sourceArn: string): boolean {
    const { redrivePermission, sourceQueueArns } = parseRedriveAllowPolicy(this.attributes.RedriveAllowPolicy ?? '');
    return redrivePermission === 'allowAll' || (redrivePermission === 'byQueue' && sourceQueueArns.includes(sourceArn));
  }

  /** How many messages it holds, visible or not. */
  get size(): number {
    this.expire();
    return this.messages.length;
  }

  /** How many receives wait for a message. */
  get waiting(): number {
    return this.arrivals.listenerCount('arrival');
  }

  add(message: Message): void {
    this.messages.push(message);
    this.arrivals.emit('arrival');
  }

  /** Makes a message visible at once. */
  release(message: Message): void {
    this.showAt(message, this.clock.now());
  }

  /** Makes a message visible at a moment of account time in milliseconds. */
  showAt(message: Message, at: number): void {
    message.visibleAt = at;
    this.arrivals.emit('arrival');
  }

  remove(message: Message): void {
    const index = this.messages.indexOf(message);
    if (index >= 0) this.messages.splice(index, 1);
  }

  byReceipt(receipt: string | undefined): Message | undefined {
    return this.messages.find((message) => message.receipt !== undefined && message.receipt === receipt);
  }

  /**
   * Takes up to `count` visible messages and hides them for `visibilityMs`; those that were received too often are moved
   * instead: `moveToDeadLetterQueue` says whether it did.
   */
  take(count: number, visibilityMs: number, moveToDeadLetterQueue: (message: Message) => boolean): Message[] {
    this.expire();
    const now = this.clock.now();
    const taken: Message[] = [];
    const moved = new Set<Message>();
    for (const message of [...this.messages]) {
      if (taken.length >= count) break;
      if (message.visibleAt > now) continue;
      if (moveToDeadLetterQueue(message)) {
        moved.add(message);
        continue;
      }
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilityMs;
      message.receipt = newReceipt();
      taken.push(message);
    }
    if (moved.size > 0) this.messages = this.messages.filter((message) => !moved.has(message));
    return taken;
  }

  /** The earliest moment, in milliseconds of account time, at which one of the messages that `counts` is visible. */
  earliestVisible(counts: (message: Message) => boolean = () => true): number | undefined {
    this.expire();
    let earliest: number | undefined;
    for (const message of this.messages) {
      if ((earliest === undefined || message.visibleAt < earliest) && counts(message)) earliest = message.visibleAt;
    }
    return earliest;
  }

  /** Resolves when a message is or may have become visible, after `ms` of account time at the latest. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const next = Math.min(this.earliestVisible() ?? Number.POSITIVE_INFINITY, now + ms);
    const stop = new AbortController();
    const wake = () => stop.abort();
    if (signal?.aborted) return;
    signal?.addEventListener('abort', wake, { once: true });
    this.arrivals.once('arrival', wake);
    await this.clock.sleep(next - now, stop.signal);
    this.arrivals.off('arrival', wake);
    signal?.removeEventListener('abort', wake);
    // Receives that wait for one another, as those of two queues that are each other's dead-letter queue, must leave turns
    // to everything else.
    await setImmediate();
  }

  /** Counts as `ApproximateNumberOf…` tells them. */
  counts(): { visible: number; inFlight: number; delayed: number } {
    this.expire();
    const now = this.clock.now();
    const hidden = this.messages.filter((message) => message.visibleAt > now);
    const delayed = hidden.filter((message) => message.receiveCount === 0).length;
    return { visible: this.messages.length - hidden.length, inFlight: hidden.length - delayed, delayed };
  }

  private expire(): void {
    const oldest = this.clock.now() - this.number('MessageRetentionPeriod') * 1000;
    if (this.messages.some((message) => message.sentAt < oldest)) this.messages = this.messages.filter((message) => message.sentAt >= oldest);
  }
}
