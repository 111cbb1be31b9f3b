import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { UserError } from '../../cli/shared/user-error';
import type { Clock } from '../../lab/account/clock';

/** What the account's clock moves by while the consumer works, and how often, in real time. */
const TICK_MS = 1000;
const REAL_TICK_MS = 50;
const REAL_LIMIT_MS = 120_000;

/** Messages of a queue that can be received, and that are being processed or wait out their visibility timeout. */
async function count(sqs: SQSClient, queueUrl: string): Promise<{ visible: number; inFlight: number }> {
  const { Attributes: found } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] }),
  );
  return { visible: Number(found?.ApproximateNumberOfMessages), inFlight: Number(found?.ApproximateNumberOfMessagesNotVisible) };
}

/**
 * Waits until the queue is empty: everything written, or dead. Failed messages wait out their visibility timeout, which
 * takes no real time: the account's clock is moved ahead.
 */
export async function drain(sqs: SQSClient, queueUrl: string, visibilitySeconds: number, clock: Clock, tell: (line: string) => void): Promise<void> {
  const started = Date.now();
  let told = started;
  let unchanged = 0;
  let before = '';
  for (;;) {
    const { visible, inFlight } = await count(sqs, queueUrl);
    if (visible + inFlight === 0) return;
    if (Date.now() - started > REAL_LIMIT_MS) throw new UserError(`The queue still holds ${visible + inFlight} messages after ${REAL_LIMIT_MS / 1000} seconds`);
    if (Date.now() - told > 2000) {
      tell(`  ${visible} messages wait, ${inFlight} are in flight`);
      told = Date.now();
    }
    const now = `${visible} ${inFlight}`;
    unchanged = now === before ? unchanged + 1 : 0;
    before = now;
    // Nothing moved for a while and all is in flight: these failed, and wait to become visible again.
    clock.advance(visible === 0 && unchanged * REAL_TICK_MS >= 300 ? visibilitySeconds * 1000 : TICK_MS);
    await new Promise((resolve) => setTimeout(resolve, REAL_TICK_MS));
  }
}
