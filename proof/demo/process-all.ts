import type { Account } from '../../lab/account/account';

const PROGRESS_EVERY_MS = 2000;

/**
 * Lets the consumer process all messages of a queue: each ends in the table or in the dead-letter queue. Waiting for a
 * visibility timeout takes no real time, because the account moves its own clock.
 *
 * @param log gets a line every two seconds
 * @returns how many messages are left, which is none unless something refuses them
 */
export async function processAll(account: Account, queueName: string, log: (line: string) => void): Promise<number> {
  const tell = () => {
    const { visible = 0, inFlight = 0, delayed = 0 } = account.sqs.queues.get(queueName)?.counts() ?? {};
    log(`  ${visible + delayed} messages wait, ${inFlight} are in flight or wait for another attempt`);
  };
  const progress = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    const { remainingMessages } = await account.settle();
    return remainingMessages;
  } finally {
    clearInterval(progress);
  }
}
