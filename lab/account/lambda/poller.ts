import type { Message } from '@aws-sdk/client-sqs';
import type { AccountContext } from '../account-context';
import type { Call, Caller } from '../caller';
import { ServiceError } from '../errors';
import type { Mapping } from './mapping';
import { type Batch, failedItems, toEvent } from './sqs-event';

const RECEIVE_MAX = 10;
const LONG_POLL_SECONDS = 20;
/** How long a poller waits after it was refused before it tries again. */
const RETRY_MS = 5000;
const DEFAULT_CONCURRENCY = 5;
const RENEW_BEFORE_MS = 60_000;

/**
 * Polls the queue of one mapping as the function's execution role, outside the function: `lambda:SourceFunctionArn` is
 * absent. Batches go to the function with limited concurrency; what succeeded is deleted, what failed becomes visible again.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class Poller {
  private readonly stopping = new AbortController();
  private readonly stopped = new Promise<undefined>((resolve) => this.stopping.signal.addEventListener('abort', () => resolve(undefined), { once: true }));
  private readonly running = new Set<Promise<void>>();
  private session: { readonly caller: Caller; readonly expiresAt: number } | undefined;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly account: AccountContext,
    readonly mapping: Mapping,
  ) {}

  start(): void {
    this.loop ??= this.poll();
  }

  /** Stops polling; batches under way are finished. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private async poll(): Promise<void> {
    const { clock } = this.account;
    while (!this.stopping.signal.aborted) {
      if (!this.mapping.enabled) {
        await clock.sleep(1000, this.stopping.signal);
        continue;
      }
      try {
        const batch = await this.collect();
        if (batch.length === 0) continue;
        while (this.running.size >= (this.mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY)) await Promise.race(this.running);
        const work = this.process(batch).finally(() => this.running.delete(work));
        this.running.add(work);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        // The wording of this result is the lab's own: AWS's is unconfirmed.
        this.mapping.lastResult = `PROBLEM: ${error.message}`;
        await clock.sleep(RETRY_MS, this.stopping.signal);
      }
    }
  }

  /** Receives until the batch is full or its window has passed since the first message. */
  private async collect(): Promise<Batch> {
    const { clock } = this.account;
    const batch: Message[] = [];
    let until = Number.POSITIVE_INFINITY;
    while (batch.length < this.mapping.batchSize) {
      const left = Math.ceil((until - clock.now()) / 1000);
      if (left <= 0) break;
      const received = await this.receive(Math.min(RECEIVE_MAX, this.mapping.batchSize - batch.length), Math.min(LONG_POLL_SECONDS, left));
      if (this.stopping.signal.aborted) {
        await this.giveBack([...batch, ...received]);
        return [];
      }
      batch.push(...received);
      if (batch.length === 0) break;
      if (until === Number.POSITIVE_INFINITY) until = clock.now() + this.mapping.windowSeconds * 1000;
    }
    return batch;
  }

  private async receive(count: number, waitSeconds: number): Promise<Message[]> {
    const { sqs } = this.account;
    const request = {
      QueueUrl: this.queueUrl(),
      MaxNumberOfMessages: count,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All' as const],
      MessageAttributeNames: ['All'],
    };
    // A stop does not wait for the long poll; what it still brings is given back.
    const answer = this.account.perform(sqs.operations.ReceiveMessage, request, this.call());
    const first = await Promise.race([answer, this.stopped]);
    if (first === undefined) {
      answer.then(({ Messages = [] }) => this.giveBack(Messages)).catch(() => undefined);
      return [];
    }
    return first.Messages ?? [];
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
      await this.account.perform(this.account.sqs.operations.DeleteMessageBatch, { QueueUrl: this.queueUrl(), Entries }, this.call());
    }
  }

  private async giveBack(messages: readonly Message[]): Promise<void> {
    const queue = this.account.sqs.byArn(this.mapping.queueArn);
    for (const message of messages) {
      const held = queue?.byReceipt(message.ReceiptHandle);
      if (held) held.visibleAt = this.account.clock.now();
    }
  }

  private queueUrl(): string {
    const queue = this.account.sqs.byArn(this.mapping.queueArn);
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
