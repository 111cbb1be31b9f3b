import { ALWAYS_SUPPLIED, addKeysOfTarget, deriveFromServices, deriveMfa, keysOfPrincipal, MFA_AGE, MFA_PRESENT } from './derived-keys';
import { memoize } from './memoize';
import type { Principal } from './principal';

/** Condition keys of one request, lower-case, each with its values. An absent key is absent, not empty. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** One API call to be decided. */
export interface AccessRequest {
  readonly principal: Principal;
  /** `service:Operation`, e.g. `kms:Decrypt`. */
  readonly action: string;
  /** The ARN acted upon, or `*` for operations without a resource. */
  readonly resource: string;
  readonly context: Context;
}

/** Context as people write it: a value or a list of values for each key. */
export type ContextInput = Readonly<Record<string, string | readonly string[]>>;

const ENCRYPTION_CONTEXT = 'kms:encryptioncontext:';

/**
 * Builds a request, adding the global condition keys that AWS itself derives from the principal and the resource.
 * What the caller gives wins. Keys that AWS always supplies and that nobody gave are unknown: what depends on them is
 * undetermined, not a guess.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 *
 * @param action `service:Operation`
 * @param resource the ARN acted upon, or `*` for operations without a resource
 * @param context condition keys in any case; an empty list takes a key away
 * @example
 * const ann = parsePrincipal('arn:aws:iam::111122223333:user/ann');
 * if (ann) accessRequest(ann, 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:people', { 'aws:SourceIp': '203.0.113.9' });
 */
export function accessRequest(principal: Principal, action: string, resource: string, context: ContextInput = {}): AccessRequest {
  const keys = new Map(ALWAYS_SUPPLIED);
  addKeysOfTarget(keys, action, resource, principal);
  for (const [key, values] of keysOfPrincipal(principal)) keys.set(key, values);
  if (principal.account !== undefined && action.slice(0, 4).toLowerCase() === 'kms:') keys.set('kms:calleraccount', [principal.account]);
  const encryptionContext: string[] = [];
  let [mfaPresentGiven, mfaAgeGiven] = [false, false];
  for (const name of Object.keys(context)) {
    const key = lowerCase(name);
    const value = context[name] as string | readonly string[];
    const values = typeof value === 'string' ? [value] : value;
    if (values.length > 0) keys.set(key, values);
    else keys.delete(key);
    if (key === MFA_PRESENT) mfaPresentGiven = true;
    else if (key === MFA_AGE) mfaAgeGiven = true;
    if (values.length > 0 && key.startsWith(ENCRYPTION_CONTEXT)) encryptionContext.push(name.slice(ENCRYPTION_CONTEXT.length));
  }
  deriveFromServices(keys);
  deriveMfa(keys, principal.kind, mfaPresentGiven, mfaAgeGiven);
  if (encryptionContext.length > 0 && !keys.has('kms:encryptioncontextkeys')) keys.set('kms:encryptioncontextkeys', encryptionContext);
  return { principal, action, resource, context: keys };
}

/** Condition keys come in few spellings, and often. */
const lowerCase = memoize((key: string) => key.toLowerCase());
