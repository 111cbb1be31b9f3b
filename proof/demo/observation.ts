import type { DecidingStatement } from '../../evaluator/index';
import type { Account } from '../../lab/account/account';

/** How an attempt through a real client ended, and which statement decided that. */
export interface Observation<T = unknown> {
  readonly outcome: 'allowed' | string;
  readonly decidedBy: string;
  readonly answer?: T;
}

interface WithMetadata {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly requestId?: string };
}

/** Makes an attempt and tells how it ended. An error that is no refusal counts as such, with its name. */
export async function observe<T>(account: Account, attempt: () => Promise<T>): Promise<Observation<T>> {
  try {
    const answer = await attempt();
    return { outcome: 'allowed', decidedBy: decidedBy(account, answer as WithMetadata), answer };
  } catch (error) {
    return { outcome: refusal(error as WithMetadata), decidedBy: decidedBy(account, error as WithMetadata) };
  }
}

/** A refusal, by the service that was called or by KMS behind it; anything else by its own name. */
function refusal({ name = 'Error' }: WithMetadata): string {
  return /^(AccessDenied|KmsAccessDenied)/.test(name) ? 'refused' : name;
}

/** The last decision of a request is what ended it: the service's own, or that of KMS behind it. */
function decidedBy(account: Account, answer: WithMetadata): string {
  const last = account.decisionsOf(answer.$metadata?.requestId ?? '').at(-1);
  if (!last) return '';
  const { action, decision } = last;
  if (decision.statements.length === 0) return `no ${decision.missing} policy allows ${action}`;
  const { policy, statement } = decision.statements[0] as DecidingStatement;
  return `${action}: ${statement} (${withAlias(account, policy)})`;
}

/** People know a key by its alias, not by its id. */
function withAlias(account: Account, policy: string): string {
  const alias = [...account.kms.aliases].find(([, keyId]) => policy.endsWith(keyId));
  return alias ? `policy of key ${alias[0]}` : policy;
}
