import { accountOf } from '../../evaluator';
import type { Account } from '../account/account';
import type { Caller } from '../account/caller';
import { ServiceError } from '../account/errors';
import type { Operation } from '../account/operation';

/**
 * The account that a request is about: the one whose resource the operation's input names by ARN or queue URL, otherwise the
 * caller's own. What is named without an account, such as a role or a table by its name alone, is always the caller's.
 *
 * @throws ServiceError access denied, when the account that is named is none of those here: it has let nobody in
 */
export function resourceAccount(here: Account, { service, action, resourceMembers }: Operation<never, unknown>, input: unknown, caller: Caller): Account {
  const members = input as Readonly<Record<string, unknown>>;
  const named = resourceMembers.flatMap((member) => namesIn(members[member]).flatMap((text) => accountNamed(member, text) ?? []))[0];
  if (named === undefined) return here.accounts.get(caller.accountId) ?? here;
  const account = here.accounts.get(named.account);
  if (account) return account;
  const { code, status } = here.services[service]?.accessDenied ?? { code: 'AccessDenied', status: 403 };
  const message = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${named.text} because no resource-based policy allows the ${action} action`;
  throw new ServiceError(code, message, status);
}

/** The account in an ARN or a queue URL; a name of twelve digits is an account only where a member asks for one. */
function accountNamed(member: string, text: string): { readonly text: string; readonly account: string } | undefined {
  const account = member.endsWith('AccountId') ? text : (accountOf(text) ?? /^https?:\/\/[^/]+\/(\d{12})\/[^/]+$/.exec(text)?.[1]);
  return account ? { text, account } : undefined;
}

/** A member names one resource by a text, or, as the tables of DynamoDB's batches, several by the keys of a map. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
