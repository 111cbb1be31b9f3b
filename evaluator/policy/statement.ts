import { type Condition, compileConditions } from '../conditions/condition';
import type { Fail } from '../errors';
import type { AccessRequest } from '../request';
import { findMistakes, type Mistake } from '../service-data/check';
import { all, type Ternary } from '../ternary';
import { compileActions } from './actions';
import type { PolicyKind } from './compile';
import { isObject, many, refuseUnknownMembers, type StatementDocument } from './document';
import { compilePrincipals, type PrincipalMatcher } from './principals';
import { compileResources } from './resources';

/** One statement, ready to be matched. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** The Sid, or the path of the statement in the document. */
  readonly id: string;
  /** Whether the statement applies, all but its Principal. */
  matches(request: AccessRequest): Ternary;
  /** Absent in identity policies. */
  readonly principal?: PrincipalMatcher;
  /** The statement says who is exempt rather than who is meant. */
  readonly byNotPrincipal?: boolean;
}

/** Where a statement stands and how it is to be read. */
export interface StatementPlace {
  readonly kind: PolicyKind;
  /** Policy variables exist in Version 2012-10-17 only. */
  readonly variables: boolean;
  /** Path in the document, e.g. `Statement[2]`. */
  readonly path: string;
  readonly fail: Fail;
  /** Told of what AWS accepts although it cannot do what it seems to say. */
  readonly warn: (mistake: Mistake) => void;
}

const MEMBERS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** Compiles one statement. @throws PolicyError what `fail` makes */
export function compileStatement(statement: StatementDocument, place: StatementPlace): Statement {
  const { kind, path, fail } = place;
  if (!isObject(statement)) throw fail('', 'not a JSON object');
  refuseUnknownMembers(statement, MEMBERS, (member) => fail(member, 'not a member of a statement'));
  const { Effect: effect, NotPrincipal: notPrincipal } = statement;
  const id = statement.Sid || path;
  if (effect !== 'Allow' && effect !== 'Deny') throw fail('Effect', 'must be Allow or Deny');
  if (kind === 'key' && isInert(statement)) return { effect, id, matches: () => false, principal: compilePrincipals(statement, kind, fail) };
  const matches = compileMatch(statement, place);
  for (const mistake of findMistakes(statement)) place.warn(mistake);
  if (kind !== 'identity') refuseIdentityKeys(statement, fail);
  return { effect, id, matches, principal: compilePrincipals(statement, kind, fail), byNotPrincipal: notPrincipal !== undefined };
}

function compileMatch(statement: StatementDocument, { kind, variables, fail }: StatementPlace): Statement['matches'] {
  const action = compileActions(statement, fail);
  if (kind === 'trust') checkTrust(statement, fail);
  const resource = compileResources(statement, kind, variables, fail);
  const conditions: readonly Condition[] = compileConditions(statement, variables, fail);
  return (request) => {
    if (!action(request.action)) return false;
    const onResource = resource(request.resource, request.context);
    if (onResource === false) return false;
    const met = all(conditions, (condition) => condition(request.context));
    return met === true ? onResource : met;
  };
}

/** A statement of a key policy without action or resource does nothing. */
function isInert({ Action, NotAction, Resource, NotResource }: StatementDocument): boolean {
  return (Action ?? NotAction) === undefined || (Resource ?? NotResource) === undefined;
}

/** A role's trust policy stands on the role itself and speaks of STS alone, as IAM demands when it is saved. */
function checkTrust(statement: StatementDocument, fail: Fail): void {
  for (const member of ['Resource', 'NotResource'] as const) {
    if (statement[member] !== undefined) throw fail(member, 'a trust policy has no resource');
  }
  const foreignAction = many(statement.Action).find((action) => !/^sts:/i.test(action));
  if (foreignAction !== undefined) throw fail('Action', `${foreignAction}: a trust policy speaks of STS actions only`);
}

/**
 * Condition keys that AWS evaluates in policies of identities alone; in the policy of a resource they never hold.
 * Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
const IDENTITY_KEYS = ['kms:resourcealiases', 'lambda:sourcefunctionarn'];

function refuseIdentityKeys(statement: StatementDocument, fail: Fail): void {
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    const identityKey = Object.keys(keys).find((key) => IDENTITY_KEYS.includes(key.toLowerCase()));
    if (identityKey !== undefined) throw fail(`Condition.${operator}`, `${identityKey} works in policies of identities only`);
  }
}
