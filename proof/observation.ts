import { z } from 'zod';
import type { Account } from '../lab/account/account';

/** What the account decided in the course of a request. */
type RecordedDecision = ReturnType<Account['decisionsOf']>[number];

/** How an attempt through a real client ended. */
export interface Observation {
  /** Absent when the attempt succeeded. */
  readonly error?: Error;
  /** The request that ended the attempt; absent when nothing was sent. */
  readonly requestId?: string;
  /** The last decision of that request is what ended it: the service's own, or that of KMS behind it. */
  readonly decision?: RecordedDecision;
}

/** What a client answers or throws, as far as it says which request it was. */
const WITH_REQUEST_ID = z.object({ $metadata: z.object({ requestId: z.string().optional() }) });

const requestIdOf = (answer: unknown): string | undefined => {
  const parsed = WITH_REQUEST_ID.safeParse(answer);
  return parsed.success ? parsed.data.$metadata.requestId : undefined;
};

/**
 * Waits for an attempt and observes how it ended.
 *
 * @throws what the attempt throws when that is no `Error`
 */
export async function observe(account: Account, attempt: Promise<unknown>): Promise<Observation> {
  try {
    return decided(account, requestIdOf(await attempt));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error, ...decided(account, requestIdOf(error)) };
  }
}

const decided = (account: Account, requestId: string | undefined) => ({
  requestId,
  decision: requestId === undefined ? undefined : account.decisionsOf(requestId).at(-1),
});

/**
 * Whether an attempt was refused for lack of a permission, by the service that was called or by KMS behind
 * it.
 */
export const isRefused = ({ error }: Observation): boolean => error !== undefined && /^(AccessDenied|KmsAccessDenied)/.test(error.name);
