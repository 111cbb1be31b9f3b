import { EventEmitter } from 'node:events';
import type { Policy } from '../../../evaluator/index';
import type { Clock } from '../clock';
import type { StoredPolicy } from '../stored-policy';
import type { Tags } from '../tags';
import { type Message, newReceipt } from './message';

/** Where messages go that were received too often. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** One standard queue: an own store, because none on the registry has a clock that can be moved (docs/decisions). */
export class Queue {
  readonly tags: Tags = {};
  readonly createdAt: number;
  modifiedAt: number;
  policy?: StoredPolicy;
  messages: Message[] = [];
  private readonly arrivals = new EventEmitter().setMaxListeners(0);
  private readonly receipts = new Map<string, Message>();

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
    if (!text) return undefined;
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as { deadLetterTargetArn: string; maxReceiveCount: number | string };
    return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
  }

  /** Whether another queue may use this one as its dead-letter queue. */
  acceptsDeadLettersOf(sourceArn: string): boolean {
    const { redrivePermission = 'allowAll', sourceQueueArns = [] } = JSON.parse(this.attributes.RedriveAllowPolicy || '{}') as {
      redrivePermission?: string;
      sourceQueueArns?: string[];
    };
    return redrivePermission === 'allowAll' || (redrivePermission === 'byQueue' && sourceQueueArns.includes(sourceArn));
  }

  add(message: Message): void {
    this.messages.push(message);
    this.arrivals.emit('arrival');
  }

  /**
   * Hides a message until a moment, or shows it.
   *
   * @param at account time in milliseconds
   */
  setVisibleAt(message: Message, at: number): void {
    message.visibleAt = at;
    this.arrivals.emit('arrival');
  }

  remove(message: Message): void {
    const index = this.messages.indexOf(message);
    if (index >= 0) this.messages.splice(index, 1);
    this.forgetReceipt(message);
  }

  /** The message that was received last with a receipt; an earlier receipt finds nothing. */
  byReceipt(receipt: string | undefined): Message | undefined {
    const message = receipt === undefined ? undefined : this.receipts.get(receipt);
    return message && this.messages.includes(message) ? message : undefined;
  }

  /**
   * Takes up to `count` visible messages and hides them.
   *
   * @param visibilityMs milliseconds of account time that they stay hidden
   * @param moveToDeadLetterQueue moves a message that was received too often; tells whether it did
   */
  take(count: number, visibilityMs: number, moveToDeadLetterQueue: (message: Message) => boolean): Message[] {
    this.expire();
    const now = this.clock.now();
    const taken: Message[] = [];
    for (const message of [...this.messages]) {
      if (taken.length >= count) break;
      if (message.visibleAt > now) continue;
      if (moveToDeadLetterQueue(message)) {
        this.remove(message);
        continue;
      }
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilityMs;
      this.forgetReceipt(message);
      message.receipt = newReceipt();
      this.receipts.set(message.receipt, message);
      taken.push(message);
    }
    return taken;
  }

  /**
   * Account time in milliseconds at which the next hidden message becomes visible.
   *
   * @param isMeant leaves others out
   */
  nextVisibleAt(isMeant: (message: Message) => boolean = () => true): number | undefined {
    const now = this.clock.now();
    let next: number | undefined;
    for (const message of this.messages) {
      if (message.visibleAt > now && (next === undefined || message.visibleAt < next) && isMeant(message)) next = message.visibleAt;
    }
    return next;
  }

  /** Whether a receive would bring something now. */
  hasVisible(): boolean {
    this.expire();
    const now = this.clock.now();
    return this.messages.some((message) => message.visibleAt <= now);
  }

  /** Resolves when a message may be visible, when `signal` aborts, and after `ms` milliseconds of account time at the latest. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.hasVisible() || signal?.aborted) return;
    const now = this.clock.now();
    const next = Math.min(this.nextVisibleAt() ?? Number.POSITIVE_INFINITY, now + ms);
    const stop = new AbortController();
    const wake = () => stop.abort();
    signal?.addEventListener('abort', wake, { once: true });
    this.arrivals.once('arrival', wake);
    await this.clock.sleep(next - now, stop.signal);
    this.arrivals.off('arrival', wake);
    signal?.removeEventListener('abort', wake);
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
    for (const message of this.messages.filter(({ sentAt }) => sentAt < oldest)) this.remove(message);
  }

  private forgetReceipt({ receipt }: Message): void {
    if (receipt !== undefined) this.receipts.delete(receipt);
  }
}
