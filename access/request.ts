import { accountOf } from './arn';
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

/**
 * Builds a request, adding the global condition keys that AWS itself derives from the principal and the resource.
 * What the caller gives wins.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function accessRequest(principal: Principal, action: string, resource: string, context: ContextInput = {}): AccessRequest {
  const keys = new Map<string, readonly string[]>();
  const set = (key: string, value: string | undefined) => {
    if (value !== undefined) keys.set(key, [value]);
  };
  set('aws:principalarn', principal.kind === 'service' || principal.kind === 'anonymous' ? undefined : principal.principalArn);
  set('aws:principalaccount', principal.account);
  set('aws:principaltype', PRINCIPAL_TYPES[principal.kind]);
  set('aws:principalisawsservice', String(principal.kind === 'service'));
  if (principal.kind === 'service') set('aws:principalservicename', principal.arn);
  if (principal.kind === 'user') set('aws:username', principal.name);
  set('aws:resourceaccount', accountOf(resource));
  if (action.toLowerCase().startsWith('kms:')) set('kms:calleraccount', principal.account);
  for (const [key, value] of Object.entries(context)) {
    const values = typeof value === 'string' ? [value] : value;
    if (values.length > 0) keys.set(key.toLowerCase(), values);
    else keys.delete(key.toLowerCase());
  }
  return { principal, action, resource, context: keys };
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
