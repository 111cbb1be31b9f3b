import { parseArn } from '../arn';
import type { Fail, PolicyError } from '../errors';
import { isOfAccount, type Principal } from '../principal';
import type { Ternary } from '../ternary';
import { isUnknown } from '../unknown';
import type { PolicyKind } from './compile';
import { many, type OneOrMany, type PrincipalElement, type StatementDocument } from './document';

/**
 * How directly a Principal element names a caller. It matters: naming the session or the user itself is not limited by a
 * permissions boundary, naming the role is, and naming the account only delegates to the account's own IAM policies.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export type Naming = 'session' | 'user' | 'role' | 'everyone' | 'service' | 'account';

/** What a Principal element says of a caller: how it is named, or that this is not known. */
export type PrincipalMatch = { readonly matched: Ternary; readonly naming?: Naming };

/** Compiled Principal element. */
export type PrincipalMatcher = (principal: Principal) => PrincipalMatch;

const NO: PrincipalMatch = { matched: false };
const UNCLEAR: PrincipalMatch = { matched: undefined };
/** From the most direct naming to the least. */
const ORDER: readonly Naming[] = ['session', 'user', 'role', 'service', 'everyone', 'account'];

/**
 * Compiles Principal or NotPrincipal; `undefined` in an identity policy, which has neither.
 *
 * @throws PolicyError when both, none or a wrong one is there
 */
export function compilePrincipals(statement: StatementDocument, kind: PolicyKind, fail: Fail): PrincipalMatcher | undefined {
  const { Principal: principal, NotPrincipal: notPrincipal } = statement;
  if (kind === 'identity') {
    if (principal !== undefined || notPrincipal !== undefined) throw fail('Principal', 'an identity policy has no principal');
    return undefined;
  }
  if (principal !== undefined && notPrincipal === undefined) {
    const matcher = compilePrincipal(principal, (reason) => fail('Principal', reason));
    return comparesPrincipalArn(statement) ? (caller) => directly(matcher(caller)) : matcher;
  }
  if (notPrincipal !== undefined && principal === undefined) {
    checkNotPrincipal(statement, kind, fail);
    return compileNotPrincipal(notPrincipal, (reason) => fail('NotPrincipal', reason));
  }
  throw fail('Principal', 'exactly one of Principal and NotPrincipal is needed');
}

/**
 * NotPrincipal is for the Deny of a resource's policy alone.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function checkNotPrincipal({ Effect: effect }: StatementDocument, kind: PolicyKind, fail: Fail): void {
  if (kind === 'trust') throw fail('NotPrincipal', 'a trust policy has no NotPrincipal');
  if (effect === 'Allow') throw fail('NotPrincipal', 'is not supported with Allow');
}

/**
 * A statement for everybody that picks its callers by `aws:PrincipalArn` grants to the session itself: neither permissions
 * boundary nor session policy limits it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
function comparesPrincipalArn({ Condition }: StatementDocument): boolean {
  return Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      /^(ForAnyValue:)?(String(Equals|Like)(IgnoreCase)?|Arn(Equals|Like))$/.test(operator) &&
      Object.keys(keys).some((key) => key.toLowerCase() === 'aws:principalarn'),
  );
}

const directly = (match: PrincipalMatch): PrincipalMatch => (match.naming === 'everyone' ? { ...match, naming: 'session' } : match);

/** Compiles a Principal element. */
function compilePrincipal(element: PrincipalElement, fail: (reason: string) => PolicyError): PrincipalMatcher {
  const matchers = entries(element, fail).map(([type, value]) => compileEntry(type, value, fail));
  return (principal) => {
    let best: PrincipalMatch = NO;
    for (const matcher of matchers) {
      const match = matcher(principal);
      if (match.matched === true && (best.matched !== true || rank(match) < rank(best))) best = match;
      else if (match.matched === undefined && best.matched === false) best = UNCLEAR;
    }
    return best;
  };
}

/**
 * Compiles a NotPrincipal element: a caller is exempt only when every part of its identity is listed, that is the account
 * and the user, or the account, the role and the session.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function compileNotPrincipal(element: PrincipalElement, fail: (reason: string) => PolicyError): PrincipalMatcher {
  const listed = entries(element, fail);
  // Who is exempt is written as who is meant, and checked the same.
  for (const [type, value] of listed) compileEntry(type, value, fail);
  const unclear = listed.some(([, value]) => isUnknown(value));
  const values = new Set(listed.map(([, value]) => normalizeAccount(value)));
  return (principal) => {
    const parts = identityParts(principal);
    if (values.has('*') || parts.every((part) => values.has(normalizeAccount(part)))) return NO;
    return unclear ? UNCLEAR : { matched: true, naming: 'everyone' };
  };
}

function identityParts(principal: Principal): string[] {
  if (!isOfAccount(principal)) return [principal.arn];
  const parts = [principal.account ?? '', principal.principalArn];
  return principal.kind === 'session' ? [...parts, principal.arn] : parts;
}

const rank = (match: PrincipalMatch) => ORDER.indexOf(match.naming ?? 'account');

/** A twelve-digit account and the ARN of its root are the same principal. */
function normalizeAccount(value: string): string {
  const arn = parseArn(value);
  return arn?.service === 'iam' && arn.resource === 'root' ? arn.account : value;
}

function entries(element: PrincipalElement, fail: (reason: string) => PolicyError): [string, string][] {
  if (typeof element === 'string') {
    if (element !== '*') throw fail(`${JSON.stringify(element)} is not a principal; only "*" may stand alone`);
    return [['AWS', '*']];
  }
  if (typeof element !== 'object' || element === null || Array.isArray(element)) throw fail('neither "*" nor a JSON object');
  const listed = Object.entries(element).flatMap(([type, values]) => many(values as OneOrMany<unknown>).map((value) => [type, value] as const));
  if (listed.length === 0) throw fail('names nobody');
  return listed.map(([type, value]) => {
    if (typeof value !== 'string') throw fail(`${JSON.stringify(value)} is not text`);
    return [type, value];
  });
}

function compileEntry(type: string, value: string, fail: (reason: string) => PolicyError): PrincipalMatcher {
  if (isUnknown(value)) return () => UNCLEAR;
  if (type === 'AWS') return compileAws(value, fail);
  if (type === 'Service') return compileService(value, fail);
  if (type === 'Federated') return (principal) => (principal.kind === 'provider' && principal.arn === value ? { matched: true, naming: 'service' } : NO);
  // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
  if (type === 'CanonicalUser') return (principal) => (principal.kind === 'canonical' && principal.arn === value ? { matched: true, naming: 'user' } : NO);
  throw fail(`${type} is not a type of principal`);
}

function compileService(value: string, fail: (reason: string) => PolicyError): PrincipalMatcher {
  if (value === '*') return (principal) => (principal.kind === 'service' ? { matched: true, naming: 'service' } : NO);
  if (!value.includes('.')) throw fail(`${JSON.stringify(value)} is not a service principal`);
  return (principal) =>
    (principal.kind === 'service' || principal.kind === 'provider') && principal.arn === value ? { matched: true, naming: 'service' } : NO;
}

function compileAws(value: string, fail: (reason: string) => PolicyError): PrincipalMatcher {
  if (value === '*') return () => ({ matched: true, naming: 'everyone' });
  const account = normalizeAccount(value);
  if (/^\d{12}$/.test(account)) {
    return (principal) => (principal.account === account ? { matched: true, naming: principal.kind === 'root' ? 'user' : 'account' } : NO);
  }
  // The stored unique id of a deleted user or role: it names nobody that exists.
  if (/^A(ROA|IDA)[A-Z0-9]{12,}$/.test(value)) return () => NO;
  const arn = parseArn(value);
  if (!arn || !['iam', 'sts'].includes(arn.service)) throw fail(`${JSON.stringify(value)} is not a principal`);
  if (/[*?]/.test(value)) throw fail(`${value}: a principal ARN takes no partial wildcard`);
  if (/^group\//.test(arn.resource)) throw fail(`${value}: a group is not a principal`);
  return (principal) => {
    if (!isOfAccount(principal)) return NO;
    if (principal.arn === value) return { matched: true, naming: DIRECT[principal.kind] };
    return principal.principalArn === value ? { matched: true, naming: 'role' } : NO;
  };
}

const DIRECT: Readonly<Partial<Record<Principal['kind'], Naming>>> = { user: 'user', root: 'user', role: 'role', session: 'session', federated: 'session' };
