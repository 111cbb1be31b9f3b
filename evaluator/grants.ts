import type { Principal } from './principal';
import type { Context } from './request';

/** A KMS grant, as far as it decides access. Grants only ever allow. */
export interface Grant {
  readonly id: string;
  readonly keyArn: string;
  /** ARN of the role, user or session, or a service name. */
  readonly grantee: string;
  /** Operation names without the prefix, e.g. `Decrypt`. */
  readonly operations: readonly string[];
  readonly constraints?: {
    readonly encryptionContextEquals?: Readonly<Record<string, string>>;
    readonly encryptionContextSubset?: Readonly<Record<string, string>>;
  };
}

/** The grant that allows the request, if any. Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html */
export function findGrant(grants: readonly Grant[], principal: Principal, action: string, resource: string, context: Context): Grant | undefined {
  return grants.find(
    (grant) =>
      grant.keyArn === resource &&
      (grant.grantee === principal.arn || grant.grantee === principal.principalArn) &&
      grant.operations.some((operation) => `kms:${operation}`.toLowerCase() === action.toLowerCase()) &&
      meets(grant.constraints, context),
  );
}

const PREFIX = 'kms:encryptioncontext:';

function meets(constraints: Grant['constraints'], context: Context): boolean {
  const holds = (pairs: Readonly<Record<string, string>>) =>
    Object.entries(pairs).every(([key, value]) => context.get(PREFIX + key.toLowerCase())?.[0] === value);
  const { encryptionContextEquals: equals, encryptionContextSubset: subset } = constraints ?? {};
  if (subset && !holds(subset)) return false;
  if (!equals) return true;
  const present = [...context.keys()].filter((key) => key.startsWith(PREFIX)).length;
  return holds(equals) && present === Object.keys(equals).length;
}
