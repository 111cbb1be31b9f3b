import { combine } from './combine';
import type { DecidingStatement, Decision } from './decision';
import { type Grant, matchGrants } from './grants';
import type { Policy } from './policy/compile';
import { isOfAccount, type Principal } from './principal';
import type { AccessRequest } from './request';
import { joinStatements, type MatchedStatements, matchResourceStatements, matchStatements, NOT_THERE } from './statements';

/** Every policy that bears on one request. */
export interface PolicySet {
  /** The caller's own policies and those of its groups. */
  readonly identity: readonly Policy[];
  /** The policy of the resource: queue, table, key, role trust. Mandatory for keys and roles. */
  readonly resource?: Policy;
  /** Permissions boundary of the user or role; limits, never allows. */
  readonly boundary?: readonly Policy[];
  /** Policies passed when the session was made; they limit it. */
  readonly session?: readonly Policy[];
  /** Policies of the organization; they limit the account. */
  readonly serviceControl?: readonly Policy[];
  /** Grants of the key that is acted upon. */
  readonly grants?: readonly Grant[];
}

/**
 * Decides one request by IAM's rules: an explicit Deny anywhere wins; otherwise an Allow must come from where it counts.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
 * https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 *
 * @example
 * const ann = parsePrincipal('arn:aws:iam::111122223333:user/ann');
 * const send = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' } as const;
 * const policy = compilePolicy('senders', { Version: '2012-10-17', Statement: send }, 'identity');
 * const request = ann && accessRequest(ann, 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:people');
 * if (request) evaluate(request, { identity: [policy] }).outcome; // 'allowed'
 */
export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
  if (NEEDS_NO_PERMISSION.test(request.action) && hasCredentials(request.principal)) return { outcome: 'allowed', statements: [NO_ALLOW_NEEDED] };
  const isRoleTrust = ROLE_TRUST.test(request.action);
  const identity = matchStatements(request, policies.identity, 'identity-based');
  const boundary = matchStatements(request, policies.boundary, 'permissions boundary');
  const session = matchStatements(request, policies.session, 'session');
  const serviceControl = matchStatements(request, isBoundByOrganization(request.principal) ? policies.serviceControl : undefined, 'service control');
  const resource = matchResourceStatements(request, policies.resource, isRoleTrust ? 'role trust' : 'resource-based', policies.boundary !== undefined);
  const denies = joinStatements('denies', identity, boundary, session, serviceControl, resource);
  if (denies.length > 0) return { outcome: 'explicitly denied', statements: denies };

  const own = ownStatements(request, identity, policies);
  const grant = matchGrants(request, policies.grants);
  const decision = combine({ request, identity: own, boundary, session, serviceControl, resource, grant, isRoleTrust });
  if (decision.outcome !== 'allowed') return decision;
  // A Deny that might apply leaves an otherwise allowed request open.
  const unclearDenies = joinStatements('unclearDenies', identity, boundary, session, serviceControl, resource);
  return unclearDenies.length > 0 ? { outcome: 'undetermined', statements: unclearDenies } : decision;
}

const hasCredentials = ({ kind }: Principal) => kind !== 'anonymous' && kind !== 'provider';
const ROLE_TRUST = /^sts:(AssumeRole|TagSession|SetSourceIdentity|SetContext)/i;

/**
 * Service control policies bind the principals of an account, neither the services of AWS nor the roles that are linked to them.
 * Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
function isBoundByOrganization(principal: Principal): boolean {
  return isOfAccount(principal) && !principal.principalArn.includes(':role/aws-service-role/');
}

/**
 * The operation that everybody with credentials may call, even if a policy denies it.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
const NEEDS_NO_PERMISSION = /^sts:GetCallerIdentity$/i;

/**
 * The operation that everybody with credentials may call unless a policy denies it.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
 */
const NEEDS_NO_ALLOW = /^sts:GetSessionToken$/i;
const NO_ALLOW_NEEDED: DecidingStatement = { type: 'identity-based', policy: 'AWS', statement: 'no permission is needed' };
const ROOT_USER: DecidingStatement = { type: 'root user', policy: 'the root user', statement: 'has full access' };

/**
 * What the caller's own policies say, and what it may do without any.
 *
 * A federated user has the permissions of the user that federated it as far as a session policy passes them on. Without a
 * session policy it has none but those of resource policies that name it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
 */
function ownStatements({ principal, action }: AccessRequest, identity: MatchedStatements, { session }: PolicySet): MatchedStatements {
  if (principal.kind === 'federated' && session === undefined) return NOT_THERE;
  if (principal.kind === 'root') return { ...identity, allows: [ROOT_USER] };
  return NEEDS_NO_ALLOW.test(action) ? { ...identity, allows: [NO_ALLOW_NEEDED] } : identity;
}
