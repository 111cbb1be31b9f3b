import { accountOf } from '../../evaluator/index';
import type { Account } from '../account/account';
import type { Caller } from '../account/caller';

/**
 * The account that a request is about: whose resource it names by ARN or queue URL, otherwise the caller's own. What is
 * named without an account, such as a role or a table by its name alone, is always the caller's.
 */
export function resourceAccount(here: Account, input: unknown, { accountId }: Caller): Account {
  for (const text of namesIn(input)) {
    const named = here.accounts.get(accountOf(text) ?? /^https?:\/\/[^/]+\/(\d{12})\/[^/]+$/.exec(text)?.[1] ?? text);
    if (named) return named;
  }
  return here.accounts.get(accountId) ?? here;
}

/** Members in which requests name what they are about; the queue of an event source mapping is not, its function is. */
const NAMING = /(?<!EventSource)(Arn|ARN|Url|KeyId|TableName|FunctionName|Resource|Identifier)$|^QueueOwnerAWSAccountId$/;

/** Where a request names what it is about: such members, and the tables of DynamoDB's batches. */
function namesIn(input: unknown): string[] {
  const members = Object.entries((input ?? {}) as Record<string, unknown>);
  return members.flatMap(([name, value]) => {
    if (typeof value === 'string') return NAMING.test(name) ? [value] : [];
    return name === 'RequestItems' && typeof value === 'object' ? Object.keys(value ?? {}) : [];
  });
}
