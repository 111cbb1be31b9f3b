import { parsePrincipal } from '../evaluator/index';
import type { Caller } from '../lab/account/caller';
import type { Credentials, Lab } from '../lab/lab';

/** An identity that calls through real AWS clients. */
export interface Actor {
  /** As the lab knows its caller. */
  readonly caller: Caller;
  /** Absent for the anonymous caller, who does not sign. */
  readonly credentials?: Credentials;
}

/**
 * The actor with some credentials.
 *
 * @param accounts the accounts of which one issued them
 * @throws Error when none of them did
 */
export function actorWith(credentials: Credentials, ...accounts: readonly Lab['account'][]): Actor {
  for (const { sts } of accounts) {
    const known = sts.find(credentials.accessKeyId);
    if (known) return { credentials, caller: known.caller };
  }
  throw new Error(`The access key ${credentials.accessKeyId} is of no account`);
}

/** The caller who does not sign. */
export function anonymousActor(): Actor {
  const principal = parsePrincipal('*');
  if (!principal) throw new TypeError('* is no principal');
  return { caller: { principal, userId: 'anonymous', accountId: '', temporary: false, tags: {} } };
}
