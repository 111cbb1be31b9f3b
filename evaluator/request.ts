import { parseArn } from './arn';
import type { Principal } from './principal';
import { UNKNOWN } from './unknown';

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

/** Keys that every real request has, with values that neither principal nor resource tell. */
const NOT_TOLD: readonly string[] = [UNKNOWN];
const ALWAYS_SUPPLIED: readonly (readonly [string, readonly string[]])[] = ['aws:securetransport', 'aws:currenttime', 'aws:epochtime', 'aws:useragent'].map(
  (key) => [key, NOT_TOLD],
);
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
  const arn = parseArn(resource);
  if (arn?.account) keys.set('aws:resourceaccount', [arn.account]);
  if (arn?.region) keys.set('aws:requestedregion', [arn.region]);
  for (const [key, values] of keysOf(principal)) keys.set(key, values);
  if (principal.account !== undefined && action.slice(0, 4).toLowerCase() === 'kms:') keys.set('kms:calleraccount', [principal.account]);
  const encryptionContext: string[] = [];
  for (const name of Object.keys(context)) {
    const key = lowerCase(name);
    const value = context[name] as string | readonly string[];
    const values = typeof value === 'string' ? [value] : value;
    if (values.length > 0) keys.set(key, values);
    else keys.delete(key);
    if (values.length > 0 && key.startsWith(ENCRYPTION_CONTEXT)) encryptionContext.push(name.slice(ENCRYPTION_CONTEXT.length));
  }
  deriveFromService(keys);
  if (encryptionContext.length > 0 && !keys.has('kms:encryptioncontextkeys')) keys.set('kms:encryptioncontextkeys', encryptionContext);
  return { principal, action, resource, context: keys };
}

const YES: readonly string[] = ['true'];
const NO: readonly string[] = ['false'];

/**
 * What follows from the services that passed the request on for the caller.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
 */
function deriveFromService(keys: Map<string, readonly string[]>): void {
  const via = keys.get('aws:calledvia');
  const [first, last] = [via?.[0], via?.at(-1)];
  if (first !== undefined && !keys.has('aws:calledviafirst')) keys.set('aws:calledviafirst', [first]);
  if (last !== undefined && !keys.has('aws:calledvialast')) keys.set('aws:calledvialast', [last]);
  if (!keys.has('aws:viaawsservice')) keys.set('aws:viaawsservice', keys.has('aws:calledvialast') || keys.has('kms:viaservice') ? YES : NO);
}

const lowered = new Map<string, string>();

/** Condition keys come in few spellings, and often. */
function lowerCase(key: string): string {
  let lower = lowered.get(key);
  if (lower === undefined) {
    lower = key.toLowerCase();
    if (lowered.size > 10_000) lowered.clear();
    lowered.set(key, lower);
  }
  return lower;
}

const derived = new WeakMap<Principal, readonly (readonly [string, readonly string[]])[]>();

/** The keys that follow from the principal alone. */
function keysOf(principal: Principal): readonly (readonly [string, readonly string[]])[] {
  let keys = derived.get(principal);
  if (keys === undefined) {
    const isCaller = principal.kind !== 'service' && principal.kind !== 'anonymous';
    const all: [string, string | undefined][] = [
      ['aws:principalarn', isCaller ? principal.principalArn : undefined],
      ['aws:principalaccount', principal.account],
      ['aws:principaltype', PRINCIPAL_TYPES[principal.kind]],
      ['aws:principalisawsservice', String(principal.kind === 'service')],
      ['aws:principalservicename', principal.kind === 'service' ? principal.arn : undefined],
      ['aws:username', principal.kind === 'user' ? principal.name : undefined],
      ['aws:userid', principal.kind === 'root' ? principal.account : isCaller ? UNKNOWN : undefined],
      // Only temporary credentials have been issued at a time.
      ['aws:tokenissuetime', principal.kind === 'session' || principal.kind === 'federated' ? UNKNOWN : undefined],
    ];
    keys = all.flatMap(([key, value]) => (value === undefined ? [] : [[key, [value]] as const]));
    derived.set(principal, keys);
  }
  return keys;
}

const PRINCIPAL_TYPES: Record<Principal['kind'], string | undefined> = {
  user: 'User',
  role: 'AssumedRole',
  session: 'AssumedRole',
  federated: 'FederatedUser',
  root: 'Account',
  anonymous: 'Anonymous',
  service: undefined,
};
