import { accountOf } from './arn';
import type { DecidingStatement, Decision, PolicyType } from './decision';
import { findGrant, type Grant } from './grants';
import type { Naming, Policy } from './policy/compile';
import type { PrincipalMatch } from './policy/principals';
import type { AccessRequest } from './request';
import type { Ternary } from './ternary';

/** Every policy that bears on one request. */
export interface PolicySet {
  /** The caller's own policies and those of its groups. */
  readonly identity: readonly Policy[];
  /** The policy of the resource: queue, table, key, role trust. Mandatory for keys and roles. */
  readonly resource?: Policy;
  readonly boundary?: readonly Policy[];
  readonly session?: readonly Policy[];
  readonly serviceControl?: readonly Policy[];
  readonly grants?: readonly Grant[];
}

/**
 * Decides one request by IAM's rules: an explicit Deny anywhere wins; otherwise an Allow must come from where it counts.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
 * https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 */
export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
  const { principal } = request;
  const isPrincipalOfAccount = principal.kind !== 'service' && principal.kind !== 'anonymous';
  const identity = scan(request, policies.identity, 'identity-based');
  const boundary = scan(request, policies.boundary, 'permissions boundary');
  const session = scan(request, policies.session, 'session');
  // Service control policies bind the principals of an account, neither the services of AWS nor the roles that are linked to them.
  // Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
  const bound = isPrincipalOfAccount && !principal.principalArn.includes(':role/aws-service-role/');
  const serviceControl = scan(request, bound ? policies.serviceControl : undefined, 'service control');
  const trust = isRoleTrust(request.action);
  const resource = scanResource(request, policies.resource, trust ? 'role trust' : 'resource-based', policies.boundary !== undefined);
  const denied = joined('denies', identity, boundary, session, serviceControl, resource);
  if (denied.length > 0) return { outcome: 'explicitly denied', statements: denied };

  const granted = grantOf(request, policies.grants);
  const own =
    principal.kind === 'root' || NEEDS_NO_ALLOW.test(request.action)
      ? { ...identity, allows: [principal.kind === 'root' ? ROOT_USER : NO_ALLOW_NEEDED] }
      : identity;
  const verdict = decide({ request, own, boundary, session, serviceControl, resource, granted, trust });
  if (verdict.outcome === 'implicitly denied') return verdict;
  // A Deny that might apply leaves an otherwise allowed request open.
  const uncertain = joined('unclearDenies', identity, boundary, session, serviceControl, resource);
  return verdict.outcome === 'allowed' && uncertain.length > 0 ? { outcome: 'undetermined', statements: uncertain } : verdict;
}

function joined(list: 'denies' | 'unclearDenies', ...scans: readonly Scan[]): readonly DecidingStatement[] {
  let all = NOTHING;
  for (const one of scans) if (one[list].length > 0) all = all.length === 0 ? one[list] : [...all, ...one[list]];
  return all;
}

/** What the policies of one type say. `allows` is absent for a type that does not take part. */
interface Scan {
  readonly present: boolean;
  readonly allows: readonly DecidingStatement[];
  readonly unclearAllows: readonly DecidingStatement[];
  readonly denies: readonly DecidingStatement[];
  readonly unclearDenies: readonly DecidingStatement[];
}

interface ResourceScan extends Scan {
  /** How each allowing statement names the caller, in step with `allows`. */
  readonly namings: readonly Naming[];
  /** The same for `unclearAllows`, where known. */
  readonly unclearNamings: readonly (Naming | undefined)[];
}

const NOTHING: readonly DecidingStatement[] = [];
const ABSENT: ResourceScan = {
  present: false,
  allows: NOTHING,
  unclearAllows: NOTHING,
  denies: NOTHING,
  unclearDenies: NOTHING,
  namings: [],
  unclearNamings: [],
};
const ROOT_USER: DecidingStatement = { type: 'root user', policy: 'the root user', statement: 'has full access' };

/**
 * Operations that everybody with credentials may call unless a policy denies it.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
 */
const NEEDS_NO_ALLOW = /^sts:(GetSessionToken|GetCallerIdentity)$/i;
const NO_ALLOW_NEEDED: DecidingStatement = { type: 'identity-based', policy: 'AWS', statement: 'no permission is needed' };

function scan(request: AccessRequest, policies: readonly Policy[] | undefined, type: PolicyType): Scan {
  if (policies === undefined) return ABSENT;
  const result = { present: true, allows: NOTHING, unclearAllows: NOTHING, denies: NOTHING, unclearDenies: NOTHING };
  for (const policy of policies) {
    for (const statement of policy.statements) {
      const match = statement.matches(request);
      if (match === false) continue;
      const list = place(statement.effect, match);
      result[list] = [...result[list], { type, policy: policy.name, statement: statement.id }];
    }
  }
  return result;
}

function scanResource(request: AccessRequest, policy: Policy | undefined, type: PolicyType, hasBoundary: boolean): ResourceScan {
  if (policy === undefined) return ABSENT;
  const result = { ...ABSENT, present: true };
  for (const statement of policy.statements) {
    // A Deny with NotPrincipal spares nobody who has a permissions boundary, listed or not.
    // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    const sparesNobody = hasBoundary && statement.byNotPrincipal === true && statement.effect === 'Deny';
    const named: PrincipalMatch = sparesNobody ? { matched: true } : (statement.principal?.(request.principal) ?? { matched: false });
    if (named.matched === false) continue;
    const match = statement.matches(request);
    if (match === false) continue;
    const list = place(statement.effect, match === true ? named.matched : undefined);
    result[list] = [...result[list], { type, policy: policy.name, statement: statement.id }];
    if (list === 'allows') result.namings = [...result.namings, named.naming ?? 'account'];
    if (list === 'unclearAllows') result.unclearNamings = [...result.unclearNamings, named.naming];
  }
  return result;
}

function place(effect: 'Allow' | 'Deny', match: Ternary): 'allows' | 'unclearAllows' | 'denies' | 'unclearDenies' {
  if (effect === 'Allow') return match === true ? 'allows' : 'unclearAllows';
  return match === true ? 'denies' : 'unclearDenies';
}

const isRoleTrust = (action: string) => /^sts:(AssumeRole|TagSession|SetSourceIdentity|SetContext)/i.test(action);
const isKms = (action: string) => /^kms:/i.test(action);
const isOnKey = (resource: string) => /^arn:[^:]+:kms:[^:]*:\d*:key\//.test(resource);

function grantOf(request: AccessRequest, grants: readonly Grant[] | undefined): DecidingStatement | undefined {
  if (!grants || !isKms(request.action)) return undefined;
  const grant = findGrant(grants, request.principal, request.action, request.resource, request.context);
  return grant && { type: 'grant', policy: grant.keyArn, statement: grant.id };
}

interface Case {
  readonly request: AccessRequest;
  readonly own: Scan;
  readonly boundary: Scan;
  readonly session: Scan;
  readonly serviceControl: Scan;
  readonly resource: ResourceScan;
  readonly granted: DecidingStatement | undefined;
  readonly trust: boolean;
}

function decide(one: Case): Decision {
  const { request, own, resource, granted } = one;
  const organization = ceiling(one.serviceControl);
  if (organization !== true) return organization === undefined ? open(one.serviceControl.unclearAllows) : none('service control');
  if (granted) return { outcome: 'allowed', statements: [granted] };

  if (request.principal.kind === 'service' || request.principal.kind === 'anonymous') {
    if (resource.allows.length > 0) return { outcome: 'allowed', statements: resource.allows };
    return resource.unclearAllows.length > 0 ? open(resource.unclearAllows) : none(one.trust ? 'role trust' : 'resource-based');
  }
  // Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (one.trust && request.principal.kind === 'root') return none('role trust');
  const resourceAccount = request.context.get('aws:resourceaccount')?.[0] ?? accountOf(request.resource);
  const sameAccount = resourceAccount === undefined || resourceAccount === request.principal.account;
  const mandatory = one.trust || isOnKey(request.resource);
  if (sameAccount) {
    const direct = byName(one);
    if (direct) return direct;
  }
  // From here on the caller's own policies must allow; on a key, on a role and from another account so must the resource's.
  const needsResource = mandatory || !sameAccount;
  if (needsResource && resource.allows.length === 0) {
    return resource.unclearAllows.length > 0 ? open(resource.unclearAllows) : none(one.trust ? 'role trust' : 'resource-based');
  }
  if (own.allows.length === 0) return own.unclearAllows.length > 0 ? open(own.unclearAllows) : openOr(one, 'identity-based');
  const limit = limits(one);
  if (limit) return limit;
  return { outcome: 'allowed', statements: needsResource ? [...resource.allows, ...own.allows] : own.allows };
}

/** In the same account a resource policy that names the caller suffices; how it names the caller decides what limits it. */
function byName(one: Case): Decision | undefined {
  const { resource, request } = one;
  const index = (namings: readonly (Naming | undefined)[]) => namings.findIndex((naming) => naming !== 'account');
  const at = index(resource.namings);
  if (at < 0) return undefined;
  const named = resource.allows.filter((_, position) => resource.namings[position] !== 'account');
  const unlimited = resource.namings.some((naming) => naming === 'session' || (naming === 'user' && request.principal.kind !== 'role'));
  const limit = unlimited ? undefined : limits(one);
  if (!limit) return { outcome: 'allowed', statements: named };
  return limit;
}

/** A statement of the resource policy that may yet turn out to name the caller leaves the request open. */
function openOr(one: Case, missing: PolicyType): Decision {
  return one.resource.unclearAllows.length > 0 ? open(one.resource.unclearAllows) : none(missing);
}

/** Boundary and session policy limit what the caller's other policies allow. */
function limits(one: Case): Decision | undefined {
  for (const [scanned, type] of [
    [one.boundary, 'permissions boundary'],
    [one.session, 'session'],
  ] as const) {
    const within = ceiling(scanned);
    if (within === false) return none(type);
    if (within === undefined) return open(scanned.unclearAllows);
  }
  return undefined;
}

function ceiling(scanned: Scan): Ternary {
  if (!scanned.present || scanned.allows.length > 0) return true;
  return scanned.unclearAllows.length > 0 ? undefined : false;
}

const none = (missing: PolicyType): Decision => ({ outcome: 'implicitly denied', statements: [], missing });
const open = (statements: readonly DecidingStatement[]): Decision => ({ outcome: 'undetermined', statements });
