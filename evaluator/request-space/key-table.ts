import { accessRequest, isOfAccount, type Principal, UNKNOWN } from '../index';

/** Whether a request has a condition key. */
export type KeyPresence = 'always' | 'never' | 'may be absent';

interface KeyRule {
  /** Lower-case; a `*` at the end stands for any rest. */
  readonly key: string;
  readonly presence: (principal: Principal) => KeyPresence;
  readonly source: string;
}

const GLOBAL_KEYS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html';

const always = (): KeyPresence => 'always';
/** Keys of a principal that AWS tells only of the principals of accounts. */
const ofCallers = (principal: Principal): KeyPresence => (isOfAccount(principal) ? 'may be absent' : 'never');
/** Keys that a service supplies when it calls for a resource of somebody. */
const ofServices = ({ kind }: Principal): KeyPresence => (kind === 'service' ? 'may be absent' : 'never');

/**
 * Keys that a request always has, or that only some principals have. Every other key may be absent and may be there:
 * a question about a request that no caller can make tells of a difference too many, never of one too few.
 */
const RULES: readonly KeyRule[] = [
  { key: 'aws:currenttime', presence: always, source: GLOBAL_KEYS },
  { key: 'aws:epochtime', presence: always, source: GLOBAL_KEYS },
  { key: 'aws:requestedregion', presence: always, source: GLOBAL_KEYS },
  { key: 'aws:securetransport', presence: always, source: GLOBAL_KEYS },
  { key: 'aws:viaawsservice', presence: always, source: GLOBAL_KEYS },
  // Who has these follows from the principal; where the value does not, it can be any.
  { key: 'aws:userid', presence: always, source: `${GLOBAL_KEYS}#condition-keys-userid` },
  { key: 'aws:tokenissuetime', presence: always, source: `${GLOBAL_KEYS}#condition-keys-tokenissuetime` },
  { key: 'aws:principalorgid', presence: ofCallers, source: `${GLOBAL_KEYS}#condition-keys-principalorgid` },
  { key: 'aws:principalorgpaths', presence: ofCallers, source: `${GLOBAL_KEYS}#condition-keys-principalorgpaths` },
  { key: 'aws:principalservicenameslist', presence: ofServices, source: `${GLOBAL_KEYS}#condition-keys-principalservicenameslist` },
];

/**
 * Whether the requests of a principal have a key.
 *
 * @param key lower-case
 */
export function presenceOf(key: string, principal: Principal): KeyPresence {
  const rule = RULES.find(({ key: pattern }) => (pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern));
  return rule?.presence(principal) ?? 'may be absent';
}

/**
 * Keys whose value, or absence, follows from the principal: the request is built with them.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const OF_PRINCIPAL = [
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:username',
  'aws:userid',
  'aws:tokenissuetime',
  'kms:calleraccount',
];

/** Whether a key is one of a principal's own: its value, or its absence, may follow from the principal alone. */
export function isOfPrincipal(key: string): boolean {
  return OF_PRINCIPAL.includes(key);
}

/** What follows from the principal alone of a key: its value, `null` for absent, `undefined` when it does not follow. */
export function valueOfPrincipal(key: string, principal: Principal): string | null | undefined {
  if (!isOfPrincipal(key)) return undefined;
  const value = accessRequest(principal, 'kms:Decrypt', '*').context.get(key)?.[0];
  return value === UNKNOWN ? undefined : (value ?? null);
}

/** Keys that tell the same instant. */
export const CLOCK_KEYS: readonly string[] = ['aws:currenttime', 'aws:epochtime'];

/** The services that passed a request on for the caller, and the keys that tell the first and the last of them. */
export const VIA = 'aws:calledvia';
export const VIA_KEYS: readonly string[] = [VIA, 'aws:calledviafirst', 'aws:calledvialast'];

const ENCRYPTION_CONTEXT = 'kms:encryptioncontext:';
const ENCRYPTION_CONTEXT_KEYS = 'kms:encryptioncontextkeys';

/** The keys of a request as far as they are chosen: the values, `null` for absent; a key that is not there is still open. */
export type ChosenKeys = ReadonlyMap<string, readonly string[] | null>;

/**
 * Whether no request has such keys together: a service that passes a request on sets all of its keys, and the names of an
 * encryption context are those of its pairs.
 *
 * @param documentedFor an action of which keys are taken to be there exactly where AWS documents them
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-viaawsservice,
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context-keys
 */
export function isContradiction(chosen: ChosenKeys, documentedFor?: string): boolean {
  const isPassedOn = [...chosen].some(([key, values]) => values !== null && /^(kms:viaservice|aws:calledvia(first|last)?)$/.test(key));
  if (isPassedOn && chosen.get('aws:viaawsservice')?.[0] === 'false') return true;
  if (chosen.get('kms:viaservice') && ON_GRANTS.test(documentedFor ?? '') && isForNoResource(chosen)) return true;
  const via = chosen.get(VIA);
  if (via !== undefined) {
    for (const [key, value] of [
      ['aws:calledviafirst', via?.[0]],
      ['aws:calledvialast', via?.at(-1)],
    ] as const) {
      const end = chosen.get(key);
      if (end !== undefined && end?.[0] !== value) return true;
    }
  }
  const names = chosen.get(ENCRYPTION_CONTEXT_KEYS);
  if (names === undefined) return false;
  const listed = new Set(names?.map((name) => name.toLowerCase()));
  return [...chosen].some(([key, values]) => key.startsWith(ENCRYPTION_CONTEXT) && listed.has(key.slice(ENCRYPTION_CONTEXT.length)) !== (values !== null));
}

/** The operations for which KMS tells whether a service asks for its caller. */
const ON_GRANTS = /^kms:(CreateGrant|ListGrants|RevokeGrant)$/i;

/**
 * Whether a grant is said not to be for an AWS resource: what a service asks for its caller always is.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
 */
function isForNoResource(chosen: ChosenKeys): boolean {
  const values = chosen.get('kms:grantisforawsresource');
  return values === null || values?.[0] === 'false';
}
