import type { DecidingStatement } from './decision';
import type { AccessRequest, Context } from './request';
import { all, type Ternary } from './ternary';
import { isUnknown } from './unknown';

/** A KMS grant, as far as it decides access. Grants only ever allow. */
export interface Grant {
  readonly id: string;
  readonly keyArn: string;
  /** ARN of the role, user or session, or a service name. */
  readonly grantee: string;
  /** Operation names without the prefix, e.g. `Decrypt`. */
  readonly operations: readonly string[];
  /** Who may retire the grant. */
  readonly retiringPrincipal?: string;
  /** What the encryption context of a request must hold, for operations that take one. */
  readonly constraints?: {
    readonly encryptionContextEquals?: Readonly<Record<string, string>>;
    readonly encryptionContextSubset?: Readonly<Record<string, string>>;
  };
}

/**
 * The grant that allows a request, if any: surely, or if an encryption context that is not known proves to be right.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
export function matchGrants(
  request: AccessRequest,
  grants: readonly Grant[] | undefined,
): { readonly sure?: DecidingStatement; readonly unclear?: DecidingStatement } {
  if (!grants || !/^kms:/i.test(request.action)) return {};
  const asStatement = (grant: Grant): DecidingStatement => ({ type: 'grant', policy: grant.keyArn, statement: grant.id });
  let unclear: DecidingStatement | undefined;
  for (const grant of grants) {
    const match = matchGrant(request, grant);
    if (match === true) return { sure: asStatement(grant) };
    if (match === undefined) unclear ??= asStatement(grant);
  }
  return { unclear };
}

function matchGrant({ principal, action, resource, context }: AccessRequest, grant: Grant): Ternary {
  if (grant.keyArn !== resource) return false;
  const isRetiring = grant.retiringPrincipal !== undefined && [principal.arn, principal.principalArn].includes(grant.retiringPrincipal);
  if (isRetiring && /^kms:RetireGrant$/i.test(action)) return true;
  if (grant.grantee !== principal.arn && grant.grantee !== principal.principalArn) return false;
  const requested = action.toLowerCase();
  if (!grant.operations.some((operation) => `kms:${operation}`.toLowerCase() === requested)) return false;
  return WITHOUT_ENCRYPTION_CONTEXT.has(requested) || meetsConstraints(grant.constraints ?? {}, context);
}

/**
 * The operations of grants that take no encryption context, so that constraints do not apply to them.
 * Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
 */
const WITHOUT_ENCRYPTION_CONTEXT: ReadonlySet<string> = new Set([
  'kms:describekey',
  'kms:retiregrant',
  'kms:getpublickey',
  'kms:sign',
  'kms:verify',
  'kms:generatemac',
  'kms:verifymac',
  'kms:derivesharedsecret',
]);

const PREFIX = 'kms:encryptioncontext:';

function meetsConstraints({ encryptionContextEquals: equals, encryptionContextSubset: subset }: NonNullable<Grant['constraints']>, context: Context): Ternary {
  // The keys of a constraint are compared without regard to case, the values with it.
  const holdsPair = ([key, value]: [string, string]): Ternary => {
    const given = context.get(PREFIX + key.toLowerCase())?.[0];
    return given !== undefined && isUnknown(given) ? undefined : given === value;
  };
  const given = [...context.keys()].filter((key) => key.startsWith(PREFIX)).length;
  if (equals && given !== Object.keys(equals).length) return false;
  return all([...Object.entries(equals ?? {}), ...Object.entries(subset ?? {})], holdsPair);
}
