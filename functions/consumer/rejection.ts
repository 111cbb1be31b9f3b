/** Why a message is not processed. The codes go to the log; the text of a message never does. */
export type Reason = 'EMPTY_BODY' | 'BODY_NOT_UNDERSTOOD' | 'UNKNOWN_ACTION' | 'NAME_MISSING' | 'NAME_TOO_LONG' | 'WRITE_NOT_ACCEPTED';

/** A message that cannot be processed now: it alone returns to the queue, and after five receives moves to the dead-letter queue. */
export class Rejection extends Error {
  override readonly name = 'Rejection';

  constructor(readonly reason: Reason) {
    super(reason);
  }
}
