import type { DecidingStatement, PolicyType } from './decision';
import type { Policy } from './policy/compile';
import type { Naming, PrincipalMatch } from './policy/principals';
import type { Statement } from './policy/statement';
import type { AccessRequest } from './request';
import type { Ternary } from './ternary';

/** The statements of one type of policy that apply to a request, by what they do. */
export interface MatchedStatements {
  /** Whether policies of the type take part at all: where there is no boundary, none limits. */
  readonly present: boolean;
  readonly allows: readonly DecidingStatement[];
  /** Allow, if something that is not known proves to be so. */
  readonly unclearAllows: readonly DecidingStatement[];
  readonly denies: readonly DecidingStatement[];
  /** Deny, if something that is not known proves to be so. */
  readonly unclearDenies: readonly DecidingStatement[];
}

/** The same for the policy of a resource, with how its statements name the caller. */
export interface MatchedResourceStatements extends MatchedStatements {
  /** How each allowing statement names the caller, in step with `allows`. */
  readonly namings: readonly Naming[];
  /** The same in step with `unclearAllows`; `undefined` where it is not known whether the statement names the caller. */
  readonly unclearNamings: readonly (Naming | undefined)[];
}

/** The lists of {@link MatchedStatements}. */
type Effect = 'allows' | 'unclearAllows' | 'denies' | 'unclearDenies';

const NO_STATEMENTS: readonly DecidingStatement[] = [];

/** What policies of a type say that does not take part. */
export const NOT_THERE: MatchedResourceStatements = {
  present: false,
  allows: NO_STATEMENTS,
  unclearAllows: NO_STATEMENTS,
  denies: NO_STATEMENTS,
  unclearDenies: NO_STATEMENTS,
  namings: [],
  unclearNamings: [],
};

/** Matches the statements of policies of identities: also boundaries, session and service control policies. */
export function matchStatements(request: AccessRequest, policies: readonly Policy[] | undefined, type: PolicyType): MatchedStatements {
  if (policies === undefined) return NOT_THERE;
  const matched = { ...NOT_THERE, present: true };
  for (const policy of policies) {
    for (const statement of policy.statements) {
      const match = statement.matches(request);
      if (match === false) continue;
      const effect = effectOf(statement, match);
      matched[effect] = [...matched[effect], { type, policy: policy.name, statement: statement.id }];
    }
  }
  return matched;
}

/**
 * Matches the statements of the policy of a resource.
 *
 * @param hasBoundary whether the caller has a permissions boundary
 */
export function matchResourceStatements(request: AccessRequest, policy: Policy | undefined, type: PolicyType, hasBoundary: boolean): MatchedResourceStatements {
  if (policy === undefined) return NOT_THERE;
  const matched = { ...NOT_THERE, present: true };
  for (const statement of policy.statements) {
    const named = matchPrincipal(request, statement, hasBoundary);
    if (named.matched === false) continue;
    const match = statement.matches(request);
    if (match === false) continue;
    const effect = effectOf(statement, match === true ? named.matched : undefined);
    matched[effect] = [...matched[effect], { type, policy: policy.name, statement: statement.id }];
    if (effect === 'allows') matched.namings = [...matched.namings, named.naming ?? 'account'];
    else if (effect === 'unclearAllows') matched.unclearNamings = [...matched.unclearNamings, named.naming];
  }
  return matched;
}

function matchPrincipal({ principal }: AccessRequest, statement: Statement, hasBoundary: boolean): PrincipalMatch {
  // A Deny with NotPrincipal spares nobody who has a permissions boundary, listed or not.
  // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
  if (hasBoundary && statement.byNotPrincipal === true && statement.effect === 'Deny') return { matched: true };
  return statement.principal?.(principal) ?? { matched: false };
}

function effectOf({ effect }: Statement, match: Ternary): Effect {
  if (effect === 'Allow') return match === true ? 'allows' : 'unclearAllows';
  return match === true ? 'denies' : 'unclearDenies';
}

/** The statements with one effect, of all types together. */
export function joinStatements(effect: Effect, ...types: readonly MatchedStatements[]): readonly DecidingStatement[] {
  let joined = NO_STATEMENTS;
  for (const matched of types) {
    const statements = matched[effect];
    if (statements.length > 0) joined = joined.length === 0 ? statements : [...joined, ...statements];
  }
  return joined;
}
