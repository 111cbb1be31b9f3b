import type { Message } from '@aws-sdk/client-sqs';
import type { AccountContext } from '../account-context';
import type { Call, Caller } from '../caller';
import { ServiceError } from '../errors';
import type { WorkSource } from '../settle';
import type { Queue } from '../sqs/queue';
import type { Mapping } from './mapping';
import { failedItems, toEvent } from './sqs-event';

const RECEIVE_MAX = 10;
const LONG_POLL_MS = 20_000;
/** How long a poller waits after it was refused, or got only what fails again and again. */
const RETRY_MS = 5000;
const DEFAULT_CONCURRENCY = 5;
const RENEW_BEFORE_MS = 60_000;
/** After so many refusals in a row nobody waits for the poller any more; it goes on trying. */
const MAX_REFUSALS = 3;
/** After so many receives nobody waits for a message that no redrive policy moves. */
const MAX_RECEIVES = 10;

/**
 * Polls the queue of one mapping as the function's execution role, outside the function: `lambda:SourceFunctionArn` is
 * absent. Batches go to the function with limited concurrency; what succeeded is deleted, what failed becomes visible again.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class Poller implements WorkSource {
  private stopping = false;
  private pause = new AbortController();
  private readonly running = new Set<Promise<void>>();
  /** Received, and waiting for the batch to be full or its window to end. */
  private batch: Message[] = [];
  private windowEndsAt: number | undefined;
  private refusals = 0;
  private retryAt: number | undefined;
  private session: { readonly caller: Caller; readonly expiresAt: number } | undefined;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly account: AccountContext,
    readonly mapping: Mapping,
  ) {}

  start(): void {
    this.loop ??= this.poll();
    this.account.faults.own(`event source mapping ${this.mapping.uuid}`, this.loop);
  }

  /** Stops polling; batches under way are finished, what was only received is visible again. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.loop;
    await Promise.all(this.running);
  }

  /** Looks at once whether there is something to do, e.g. after the mapping was changed. */
  wake(): void {
    this.pause.abort();
  }

  nextDue(): number | undefined {
    const queue = this.queue();
    if (!this.loop || this.stopping || !this.mapping.enabled || !queue) return undefined;
    const { retryAt } = this;
    if (retryAt !== undefined && this.refusals > 0) {
      const isWaitedFor = this.refusals < MAX_REFUSALS || retryAt <= this.account.clock.now();
      return isWaitedFor && queue.size > 0 ? retryAt : undefined;
    }
    const next = queue.earliestVisible(({ receiveCount }) => this.canLeave(queue, receiveCount));
    const visible = next === undefined ? undefined : Math.max(next, retryAt ?? next);
    if (this.windowEndsAt === undefined || visible === undefined) return this.windowEndsAt ?? visible;
    return Math.min(this.windowEndsAt, visible);
  }

  /** Why messages stay in the queue although nothing is under way. */
  blockedBy(): string {
    if (!this.mapping.enabled) return 'the event source mapping is disabled';
    if (this.refusals > 0) return this.mapping.lastResult;
    return `received ${MAX_RECEIVES} times or more without success, and no redrive policy moves them`;
  }

  private canLeave(queue: Queue, receiveCount: number): boolean {
    return receiveCount < MAX_RECEIVES || this.account.sqs.deadLetterQueueOf(queue) !== undefined;
  }

  private async poll(): Promise<void> {
    while (!this.stopping) {
      this.pause = new AbortController();
      if (!this.mapping.enabled) {
        this.releaseBatch();
        await aborted(this.pause.signal);
        continue;
      }
      while (this.running.size >= (this.mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY)) await Promise.race(this.running);
      const received = await this.account.activity.run('poll', () => this.turn());
      if (received === 'backs off') await this.sleepUntil(this.retryAt);
      else if (received === 'none') await this.waitForMessages();
    }
    this.releaseBatch();
  }

  /** One receive. A full batch, or one whose window has ended, goes to the function. */
  private async turn(): Promise<'some' | 'none' | 'backs off'> {
    const { clock, faults } = this.account;
    this.retryAt = undefined;
    try {
      const received = await this.receive(Math.min(RECEIVE_MAX, this.mapping.batchSize - this.batch.length));
      this.refusals = 0;
      this.batch.push(...received);
      if (received.length > 0) this.windowEndsAt ??= clock.now() + this.mapping.windowSeconds * 1000;
      const ends = this.batch.length >= this.mapping.batchSize || (this.windowEndsAt !== undefined && this.windowEndsAt <= clock.now());
      if (ends) this.dispatch();
      if (received.length > 0 && received.every((message) => this.isHopeless(message))) return this.backOff();
      return received.length > 0 ? 'some' : 'none';
    } catch (error) {
      if (!(error instanceof ServiceError)) faults.record(`event source mapping ${this.mapping.uuid}`, error);
      // The wording of this result is the lab's own: AWS's is unconfirmed.
      this.mapping.lastResult = `PROBLEM: ${(error as Error).message}`;
      this.refusals += 1;
      return this.backOff();
    }
  }

  /** Until a moment, not for a time: the clock may have been moved since the moment was set. */
  private async sleepUntil(at = 0): Promise<void> {
    const { clock } = this.account;
    await clock.sleep(at - clock.now(), this.pause.signal);
  }

  private backOff(): 'backs off' {
    this.retryAt = this.account.clock.now() + RETRY_MS;
    return 'backs off';
  }

  /** Lambda polls less for what fails again and again: https://docs.aws.amazon.com/lambda/latest/operatorguide/sqs-retries.html */
  private isHopeless({ Attributes }: Message): boolean {
    const queue = this.queue();
    return queue !== undefined && !this.canLeave(queue, Number(Attributes?.ApproximateReceiveCount));
  }

  /** Waits as a long poll does, but for no longer than the window of a batch that has begun. */
  private async waitForMessages(): Promise<void> {
    const { clock } = this.account;
    const ms = Math.min(LONG_POLL_MS, (this.windowEndsAt ?? Number.POSITIVE_INFINITY) - clock.now());
    if (ms > 0) await this.queue()?.wait(ms, this.pause.signal);
  }

  private async receive(count: number): Promise<Message[]> {
    const { account } = this;
    const request = {
      QueueUrl: this.queueUrl(),
      MaxNumberOfMessages: count,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['All' as const],
      MessageAttributeNames: ['All'],
    };
    const { Messages = [] } = await account.perform(account.sqs.operations.ReceiveMessage, request, this.call());
    return Messages;
  }

  private dispatch(): void {
    const { batch, account } = this;
    this.batch = [];
    this.windowEndsAt = undefined;
    if (batch.length === 0) return;
    const work = account.activity
      .run('invocation', () => this.process(batch))
      .catch((error: unknown) => {
        if (!(error instanceof ServiceError)) account.faults.record(`event source mapping ${this.mapping.uuid}`, error);
        this.mapping.lastResult = `PROBLEM: ${(error as Error).message}`;
      })
      .finally(() => this.running.delete(work));
    this.running.add(work);
  }

  private async process(batch: readonly Message[]): Promise<void> {
    const { account, mapping } = this;
    const lambda = account.lambda.functions.get(mapping.functionName);
    if (!lambda) {
      mapping.lastResult = 'PROBLEM: Function not found';
      return;
    }
    const outcome = await account.lambda.runtime.invoke(lambda, toEvent(batch, mapping.queueArn, account.region));
    const failed = failedItems(outcome, batch, mapping.reportFailures);
    mapping.lastResult = 'error' in outcome ? 'PROBLEM: Function call failed' : 'OK';
    await this.delete(batch.filter((message) => !failed.has(String(message.MessageId))));
  }

  private async delete(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RECEIVE_MAX) {
      const Entries = messages.slice(start, start + RECEIVE_MAX).map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle }));
      await this.account.perform(this.account.sqs.operations.DeleteMessageBatch, { QueueUrl: this.queueUrl(), Entries }, this.call());
      this.account.lambda.processedMessages += Entries.length;
    }
  }

  private releaseBatch(): void {
    const queue = this.queue();
    for (const { ReceiptHandle } of this.batch) {
      const message = queue?.byReceipt(ReceiptHandle);
      if (message) queue?.release(message);
    }
    this.batch = [];
    this.windowEndsAt = undefined;
  }

  private queue(): Queue | undefined {
    return this.account.sqs.byArn(this.mapping.queueArn);
  }

  private queueUrl(): string {
    const queue = this.queue();
    if (!queue) throw new ServiceError('QueueDoesNotExist', 'The queue no longer exists.');
    return this.account.sqs.url(queue);
  }

  private call(): Call {
    const { account, mapping } = this;
    if (!this.session || this.session.expiresAt - RENEW_BEFORE_MS < account.clock.now()) {
      const role = account.lambda.find(mapping.functionName).config.role;
      const { credentials, caller } = account.sts.serviceSession(role, 'event-source-mapping', 'lambda.amazonaws.com');
      this.session = { caller, expiresAt: credentials.Expiration?.getTime() ?? 0 };
    }
    return account.call(this.session.caller, { userAgent: 'lambda.amazonaws.com', sourceIp: 'lambda.amazonaws.com' });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
