import { ProjectError } from '../../evaluator';
import type { Account } from '../../lab/account/account';

/** What takes longer says how far it is, so often in milliseconds of real time. */
const PROGRESS_MS = 2000;

/** Messages are left that the consumer can never process. */
export class NotProcessed extends ProjectError {}

/**
 * Lets the consumer work until every message is written to the table or is in the dead-letter queue; failed ones wait out
 * their visibility timeout, which takes no real time.
 *
 * @param log gets a line every two seconds
 * @throws NotProcessed with the reason, when messages are left
 */
export async function processAll(account: Account, log: (line: string) => void): Promise<void> {
  const { remaining } = await account.settle({
    onProgress: ({ visible, inFlight, delayed, processed }) =>
      log(`  ${visible + delayed} messages wait, ${inFlight} are in flight, ${processed} are processed`),
  });
  if (remaining.length === 0) return;
  throw new NotProcessed(remaining.map(({ queue, messages, reason }) => `${queue} still holds ${messages} messages: ${reason}`).join('\n'));
}

/** Says every two seconds how many of many are done. */
export function progressOf(what: string, total: number, log: (line: string) => void): (done: number) => void {
  let last = Date.now();
  return (done) => {
    if (Date.now() - last < PROGRESS_MS) return;
    last = Date.now();
    log(`  ${done} of ${total} ${what}`);
  };
}
