import { accountOf } from './arn';
import type { DecidingStatement, Decision, PolicyType } from './decision';
import { isOfAccount } from './principal';
import type { AccessRequest } from './request';
import type { MatchedResourceStatements, MatchedStatements } from './statements';
import type { Ternary } from './ternary';

/** What every type of policy says of one request in which nothing is denied explicitly. */
export interface EvaluationInput {
  readonly request: AccessRequest;
  readonly identity: MatchedStatements;
  readonly boundary: MatchedStatements;
  readonly session: MatchedStatements;
  readonly serviceControl: MatchedStatements;
  readonly resource: MatchedResourceStatements;
  /** The grant that allows the request, surely or if something that is not known proves to be so. */
  readonly grant: { readonly sure?: DecidingStatement; readonly unclear?: DecidingStatement };
  /** Whether the request is to assume a role, so that `resource` is the role's trust policy. */
  readonly isRoleTrust: boolean;
}

/**
 * Combines what the types of policy say: an Allow must come from where it counts, and lie within every limit.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function combine(input: EvaluationInput): Decision {
  const { grant } = input;
  const withinOrganization = withinLimit(input.serviceControl);
  if (withinOrganization === undefined) return undetermined(input.serviceControl.unclearAllows);
  if (!withinOrganization) return implicitlyDenied('service control');
  if (grant.sure) return { outcome: 'allowed', statements: [grant.sure] };
  const decision = combinePolicies(input);
  return decision.outcome === 'implicitly denied' && grant.unclear ? undetermined([grant.unclear]) : decision;
}

function combinePolicies(input: EvaluationInput): Decision {
  const { request, resource } = input;
  if (!isOfAccount(request.principal)) {
    return resource.allows.length > 0 ? { outcome: 'allowed', statements: resource.allows } : withoutResourceAllow(input);
  }
  // Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (input.isRoleTrust && request.principal.kind === 'root') return implicitlyDenied('role trust');
  return isSameAccount(request) ? combineInAccount(input) : combineBoth(input);
}

function isSameAccount({ principal, resource, context }: AccessRequest): boolean {
  const resourceAccount = context.get('aws:resourceaccount')?.[0] ?? accountOf(resource);
  return resourceAccount === undefined || resourceAccount === principal.account;
}

const isOnKey = (resource: string) => /^arn:[^:]+:kms:[^:]*:\d*:key\//.test(resource);

/**
 * In the same account one Allow suffices: of the resource policy by the caller's name, or of the caller's own policies.
 * Keys and roles demand that their own policy allows, at least by naming the account.
 */
function combineInAccount(input: EvaluationInput): Decision {
  const decision = combineKnown(input);
  if (decision.outcome !== 'implicitly denied') return decision;
  // A statement that may yet turn out to apply may name the caller so that no limit counts.
  const { unclearAllows, unclearNamings } = input.resource;
  const unclear = unclearAllows.filter((_, index) => unclearNamings[index] !== 'account');
  return unclear.length > 0 ? undetermined(unclear) : decision;
}

function combineKnown(input: EvaluationInput): Decision {
  const direct = combineByName(input);
  if (direct) return direct;
  if (input.isRoleTrust || isOnKey(input.request.resource)) return combineBoth(input);
  return combineOwn(input, []);
}

/** The caller's own policies must allow, and so must the resource's. */
function combineBoth(input: EvaluationInput): Decision {
  const { allows } = input.resource;
  return allows.length > 0 ? combineOwn(input, allows) : withoutResourceAllow(input);
}

function withoutResourceAllow({ resource, isRoleTrust }: EvaluationInput): Decision {
  if (resource.unclearAllows.length > 0) return undetermined(resource.unclearAllows);
  return implicitlyDenied(isRoleTrust ? 'role trust' : 'resource-based');
}

/** The caller's own policies must allow. */
function combineOwn(input: EvaluationInput, resourceAllows: readonly DecidingStatement[]): Decision {
  const { identity, resource } = input;
  if (identity.allows.length === 0) {
    // A statement of the resource policy that may yet turn out to name the caller leaves the request open, too.
    const unclear = [identity, resource].find(({ unclearAllows }) => unclearAllows.length > 0);
    return unclear ? undetermined(unclear.unclearAllows) : implicitlyDenied(identity.present ? 'identity-based' : 'session');
  }
  return beyondLimits(input) ?? { outcome: 'allowed', statements: [...resourceAllows, ...identity.allows] };
}

/** In the same account a resource policy that names the caller suffices; how it names the caller decides what limits it. */
function combineByName(input: EvaluationInput): Decision | undefined {
  const { resource, request } = input;
  const byName = resource.allows.filter((_, index) => resource.namings[index] !== 'account');
  if (byName.length === 0) return undefined;
  const unlimited = resource.namings.some((naming) => naming === 'session' || (naming === 'user' && request.principal.kind !== 'role'));
  const limit = unlimited ? undefined : beyondLimits(input);
  return limit ?? { outcome: 'allowed', statements: byName };
}

/** The decision when boundary or session policy do not let through what the other policies allow. */
function beyondLimits(input: EvaluationInput): Decision | undefined {
  return beyondLimit(input.boundary, 'permissions boundary') ?? beyondLimit(input.session, 'session');
}

function beyondLimit(limit: MatchedStatements, type: PolicyType): Decision | undefined {
  const within = withinLimit(limit);
  if (within === undefined) return undetermined(limit.unclearAllows);
  return within ? undefined : implicitlyDenied(type);
}

/** Whether policies that only limit let a request through; those that are not there do. */
function withinLimit(limit: MatchedStatements): Ternary {
  if (!limit.present || limit.allows.length > 0) return true;
  return limit.unclearAllows.length > 0 ? undefined : false;
}

const implicitlyDenied = (missing: PolicyType): Decision => ({ outcome: 'implicitly denied', statements: [], missing });
const undetermined = (statements: readonly DecidingStatement[]): Decision => ({ outcome: 'undetermined', statements });
