import type { Message } from '@aws-sdk/client-sqs';
import type { AccountContext } from '../account-context';
import type { Call, Caller } from '../caller';
import { ServiceError } from '../errors';
import type { Queue } from '../sqs/queue';
import type { Mapping } from './mapping';
import { type Batch, failedItems, toEvent } from './sqs-event';

const RECEIVE_MAX = 10;
/** How long a poll of an empty queue lasts, in milliseconds of account time. */
const LONG_POLL_MS = 20_000;
/** How often a disabled mapping looks whether it is enabled again. */
const RECHECK_MS = 1000;
/** How long a poller waits after it was refused before it tries again, in milliseconds of account time. */
const RETRY_MS = 5000;
const DEFAULT_CONCURRENCY = 5;
/** Credentials are renewed this many milliseconds before they expire. */
const RENEW_BEFORE_MS = 60_000;

/**
 * What a poller does now. Times are account time in milliseconds.
 * - `polling`: it waits for messages
 * - `collecting`: it holds messages, and waits for more until the batching window ends
 * - `refused`: a receive failed; it waits until it tries again
 * - `disabled`: it looks again then
 * - `full`: as many batches as allowed are with the function
 */
export type PollerState = { readonly kind: 'stopped' | 'polling' | 'full' } | { readonly kind: 'collecting' | 'refused' | 'disabled'; readonly until: number };

/**
 * Polls the queue of one mapping as the function's execution role, outside the function: `lambda:SourceFunctionArn` is
 * absent. Batches go to the function with limited concurrency; what succeeded is deleted, what failed becomes visible again.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class Poller {
  private readonly stopping = new AbortController();
  private session: { readonly caller: Caller; readonly expiresAt: number } | undefined;
  private started = false;
  private current: PollerState = { kind: 'stopped' };
  private refused = 0;
  private batchesUnderWay = 0;

  constructor(
    private readonly account: AccountContext,
    readonly mapping: Mapping,
  ) {}

  get state(): PollerState {
    return this.current;
  }

  /** How often a receive was refused since the mapping exists. */
  get refusals(): number {
    return this.refused;
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    this.account.background.own(`the event source mapping of ${this.mapping.functionName}`, () => this.poll());
  }

  /** Stops polling; batches under way are finished. */
  async stop(): Promise<void> {
    this.stopping.abort();
    while (this.batchesUnderWay > 0) await this.account.background.nextChange();
  }

  private async poll(): Promise<void> {
    try {
      while (!this.stopping.signal.aborted) await this.pollOnce();
    } finally {
      this.enter({ kind: 'stopped' });
    }
  }

  private async pollOnce(): Promise<void> {
    const { background } = this.account;
    if (!this.mapping.enabled) return this.pause('disabled', RECHECK_MS);
    try {
      const batch = await this.collect();
      if (batch.length === 0) return;
      this.batchesUnderWay += 1;
      background.begin(`a batch for ${this.mapping.functionName}`, () => this.process(batch).finally(() => this.finishBatch()));
      const limit = this.mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY;
      while (this.batchesUnderWay >= limit && !this.stopping.signal.aborted) {
        this.enter({ kind: 'full' });
        await background.nextChange(this.stopping.signal);
      }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      // The wording of this result is the lab's own: AWS's is unconfirmed.
      this.mapping.lastResult = `PROBLEM: ${error.message}`;
      this.refused += 1;
      await this.pause('refused', RETRY_MS);
    }
  }

  private pause(kind: 'disabled' | 'refused', ms: number): Promise<void> {
    const { clock } = this.account;
    this.enter({ kind, until: clock.now() + ms });
    return clock.sleep(ms, this.stopping.signal);
  }

  /** Receives until the batch is full or its window has passed since the first message. */
  private async collect(): Promise<Batch> {
    const { clock, background } = this.account;
    const batch: Message[] = [];
    let until = Number.POSITIVE_INFINITY;
    this.enter({ kind: 'polling' });
    for (;;) {
      let failure: unknown;
      // Each receive is work under way until what it brought is known to this poller.
      await background.start(`a receive for ${this.mapping.functionName}`, async () => {
        try {
          const received = await this.receive(Math.min(RECEIVE_MAX, this.mapping.batchSize - batch.length));
          for (const message of received) batch.push(message);
        } catch (error) {
          failure = error;
          return;
        }
        if (batch.length === 0) return;
        if (until === Number.POSITIVE_INFINITY) until = clock.now() + this.mapping.windowSeconds * 1000;
        this.enter({ kind: 'collecting', until: batch.length < this.mapping.batchSize ? until : clock.now() });
      });
      if (failure !== undefined || this.stopping.signal.aborted) {
        this.release(batch);
        if (failure !== undefined) throw failure;
        return [];
      }
      const left = until - clock.now();
      if (batch.length >= this.mapping.batchSize || left <= 0) return batch;
      await this.queue().wait(Math.min(LONG_POLL_MS, left), this.stopping.signal);
      if (batch.length === 0 && !this.mapping.enabled) return [];
    }
  }

  private async receive(count: number): Promise<Message[]> {
    const { sqs } = this.account;
    const request = {
      QueueUrl: sqs.url(this.queue()),
      MaxNumberOfMessages: count,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['All' as const],
      MessageAttributeNames: ['All'],
    };
    const { Messages: messages = [] } = await this.account.perform(sqs.operations.ReceiveMessage, request, this.call());
    return messages;
  }

  private async process(batch: Batch): Promise<void> {
    const { account, mapping } = this;
    const lambda = account.lambda.functions.get(mapping.functionName);
    if (!lambda) {
      mapping.lastResult = 'PROBLEM: Function not found';
      return;
    }
    try {
      const outcome = await account.lambda.runtime.invoke(lambda, toEvent(batch, mapping.queueArn, account.region));
      const failed = failedItems(outcome, batch, mapping.reportFailures);
      mapping.lastResult = 'error' in outcome ? 'PROBLEM: Function call failed' : 'OK';
      await this.delete(batch.filter((message) => !failed.has(String(message.MessageId))));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      mapping.lastResult = `PROBLEM: ${error.message}`;
    }
  }

  private async delete(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RECEIVE_MAX) {
      const Entries = messages.slice(start, start + RECEIVE_MAX).map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle }));
      await this.account.perform(this.account.sqs.operations.DeleteMessageBatch, { QueueUrl: this.account.sqs.url(this.queue()), Entries }, this.call());
    }
  }

  /** Makes messages visible again at once. */
  private release(messages: readonly Message[]): void {
    const queue = this.account.sqs.byArn(this.mapping.queueArn);
    for (const message of messages) {
      const held = queue?.byReceipt(message.ReceiptHandle);
      if (held) queue?.setVisibleAt(held, this.account.clock.now());
    }
  }

  private finishBatch(): void {
    this.batchesUnderWay -= 1;
  }

  private queue(): Queue {
    const queue = this.account.sqs.byArn(this.mapping.queueArn);
    if (!queue) throw new ServiceError('QueueDoesNotExist', 'The queue no longer exists.');
    return queue;
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

  private enter(state: PollerState): void {
    this.current = state;
    this.account.background.changed();
  }
}
