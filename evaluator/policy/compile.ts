import { type Condition, compileCondition } from '../conditions/condition';
import { PolicyError } from '../errors';
import { compilePattern, type Matcher } from '../pattern';
import type { AccessRequest } from '../request';
import { checkStatement } from '../service-data/check';
import { all, any, type Ternary } from '../ternary';
import { isUnknown } from '../unknown';
import { many, type OneOrMany, type PolicyDocument, type StatementDocument } from './document';
import { compileNotPrincipal, compilePrincipal, type Naming, type PrincipalMatch, type PrincipalMatcher } from './principals';

/** One statement, ready to be matched. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** The Sid, or the statement's position in the document. */
  readonly id: string;
  /** Whether the statement applies, all but its Principal. */
  matches(request: AccessRequest): Ternary;
  /** Absent in identity policies. */
  readonly principal?: PrincipalMatcher;
  /** The statement says who is exempt rather than who is meant. */
  readonly byNotPrincipal?: boolean;
}

/** A policy, ready to be matched any number of times. */
export interface Policy {
  /** The name that decisions and errors give. */
  readonly name: string;
  /** The document's JSON text. */
  readonly text: string;
  readonly statements: readonly Statement[];
}

/**
 * What a policy is attached to. Identity policies (also boundaries, session and service control policies) have no
 * principals; the trust policy of a role has no resource; a key policy accepts statements without action or resource,
 * which then do nothing (https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html).
 */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'key';

export type { Naming };

const DOCUMENT_MEMBERS = ['Version', 'Id', 'Statement'];
const STATEMENT_MEMBERS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/**
 * Reads and compiles a policy. Whatever it does not know is a {@link PolicyError}.
 *
 * @param name how decisions and errors call the policy
 * @param document JSON text or the parsed document
 * @param kind what it is attached to
 */
export function compilePolicy(name: string, document: string | PolicyDocument, kind: PolicyKind): Policy {
  const fail = (place: string, reason: string) => new PolicyError(name, place, reason);
  if (typeof document === 'string' && isUnknown(document)) return { name, text: document, statements: [UNKNOWN_ALLOW, UNKNOWN_DENY] };
  const parsed = typeof document === 'string' ? parse(document, fail) : document;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw fail('document', 'not a JSON object');
  refuseOthers(parsed, DOCUMENT_MEMBERS, (member) => fail(member, 'not a member of a policy'));
  const version = parsed.Version ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') throw fail('Version', `${JSON.stringify(version)} is not a policy version`);
  if (parsed.Statement === undefined) throw fail('Statement', 'missing');
  const seen = new Set<string>();
  const statements = many(parsed.Statement).map((statement, index) => {
    const sid = statement?.Sid;
    if (sid !== undefined && typeof sid !== 'string') throw new PolicyError(name, `Statement[${index}].Sid`, 'not text');
    if (sid !== undefined && seen.has(sid)) throw new PolicyError(name, `Statement[${index}].Sid`, 'this Sid stands twice', sid);
    if (sid !== undefined) seen.add(sid);
    return compileStatement(statement, kind, version === '2012-10-17', `Statement[${index}]`, name);
  });
  return { name, text: typeof document === 'string' ? document : JSON.stringify(document), statements };
}

/** A policy whose text is not known may allow or deny anything. */
const UNKNOWN_ALLOW: Statement = { effect: 'Allow', id: '(not known yet)', matches: () => undefined, principal: () => ({ matched: undefined }) };
const UNKNOWN_DENY: Statement = { ...UNKNOWN_ALLOW, effect: 'Deny' };

function parse(text: string, fail: (place: string, reason: string) => PolicyError): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch {
    throw fail('document', 'not JSON');
  }
}

function refuseOthers(value: object, known: readonly string[], fail: (member: string) => PolicyError): void {
  const stranger = Object.keys(value).find((member) => !known.includes(member));
  if (stranger !== undefined) throw fail(stranger);
}

function compileStatement(statement: StatementDocument, kind: PolicyKind, variables: boolean, place: string, policy: string): Statement {
  const sid = statement?.Sid;
  const fail = (at: string, reason: string) => new PolicyError(policy, at ? `${place}.${at}` : place, reason, sid);
  if (!isObject(statement)) throw fail('', 'not a JSON object');
  refuseOthers(statement, STATEMENT_MEMBERS, (member) => fail(member, 'not a member of a statement'));
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw fail('Effect', 'must be Allow or Deny');
  if (kind === 'key' && isInert(statement))
    return { effect: statement.Effect, id: sid ?? place, matches: () => false, principal: compilePrincipals(statement, kind, fail) };
  const action = compileActions(statement, fail);
  if (kind === 'trust') checkTrust(statement, fail);
  const resource = compileResources(statement, kind, variables, fail);
  const conditions = compileConditions(statement, variables, fail);
  checkStatement(statement, fail);
  if (kind !== 'identity') refuseIdentityKeys(statement, fail);
  return {
    effect: statement.Effect,
    id: sid ?? place,
    principal: compilePrincipals(statement, kind, fail),
    byNotPrincipal: statement.NotPrincipal !== undefined,
    matches: (request) => {
      if (!action(request.action)) return false;
      const onResource = resource(request.resource, request.context);
      if (onResource === false) return false;
      const met = all(conditions, (condition) => condition(request.context));
      return met === true ? onResource : met;
    },
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A role's trust policy stands on the role itself and speaks of STS alone, as IAM demands when it is saved. */
function checkTrust(statement: StatementDocument, fail: Fail): void {
  for (const member of ['Resource', 'NotResource'] as const) {
    if (statement[member] !== undefined) throw fail(member, 'a trust policy has no resource');
  }
  const foreign = many(statement.Action).find((action) => !/^sts:/i.test(action));
  if (foreign !== undefined) throw fail('Action', `${foreign}: a trust policy speaks of STS actions only`);
}

/**
 * Condition keys that AWS evaluates in policies of identities alone; in the policy of a resource they never hold.
 * Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
const IDENTITY_KEYS = ['kms:resourcealiases', 'lambda:sourcefunctionarn'];

function refuseIdentityKeys(statement: StatementDocument, fail: Fail): void {
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    const found = Object.keys(keys).find((key) => IDENTITY_KEYS.includes(key.toLowerCase()));
    if (found !== undefined) throw fail(`Condition.${operator}`, `${found} works in policies of identities only`);
  }
}

function isInert(statement: StatementDocument): boolean {
  const { Action, NotAction, Resource, NotResource } = statement;
  return (Action ?? NotAction) === undefined || (Resource ?? NotResource) === undefined;
}

type Fail = (at: string, reason: string) => PolicyError;

function strings(value: OneOrMany<string> | undefined, at: string, fail: Fail): readonly string[] {
  const values = many(value);
  if (values.length === 0) throw fail(at, 'is empty');
  if (values.some((one) => typeof one !== 'string')) throw fail(at, 'holds something that is not text');
  return values;
}

function compileActions(statement: StatementDocument, fail: Fail): (action: string) => boolean {
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) throw fail('Action', 'exactly one of Action and NotAction is needed');
  const at = statement.Action === undefined ? 'NotAction' : 'Action';
  const patterns = strings(statement[at], at, fail).map((pattern) => {
    if (pattern !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(pattern)) throw fail(at, `${JSON.stringify(pattern)} is not an action`);
    return compilePattern(pattern, { wildcards: true, ignoreCase: true, variables: false, fail: (reason) => fail(at, reason) });
  });
  const seen = new Map<string, boolean>();
  const wanted = at === 'Action';
  return (action) => {
    let result = seen.get(action);
    if (result === undefined) {
      result = patterns.some((pattern) => pattern(action, EMPTY) === true) === wanted;
      seen.set(action, result);
    }
    return result;
  };
}

const EMPTY = new Map<string, readonly string[]>();

function compileResources(statement: StatementDocument, kind: PolicyKind, variables: boolean, fail: Fail): Matcher {
  if (statement.Resource !== undefined && statement.NotResource !== undefined) throw fail('Resource', 'only one of Resource and NotResource is possible');
  const at = statement.NotResource === undefined ? 'Resource' : 'NotResource';
  if (statement[at] === undefined) {
    if (kind === 'trust') return () => true;
    throw fail(at, 'missing');
  }
  const matchers = strings(statement[at], at, fail).map((pattern) => {
    if (pattern !== '*' && !pattern.startsWith('arn:') && !/^[*?$]/.test(pattern) && !isUnknown(pattern))
      throw fail(at, `${JSON.stringify(pattern)} is not an ARN`);
    return compilePattern(pattern, { wildcards: true, variables, fail: (reason) => fail(at, reason) });
  });
  if (at === 'Resource') return (resource, context) => any(matchers, (matcher) => matcher(resource, context));
  return (resource, context) => {
    const listed = any(matchers, (matcher) => matcher(resource, context));
    return listed === undefined ? undefined : !listed;
  };
}

function compileConditions(statement: StatementDocument, variables: boolean, fail: Fail): readonly Condition[] {
  if (statement.Condition === undefined) return [];
  if (!isObject(statement.Condition)) throw fail('Condition', 'not a JSON object');
  return Object.entries(statement.Condition).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw fail(`Condition.${operator}`, 'not a JSON object');
    return Object.entries(keys).map(([key, values]) => {
      if (!/^[A-Za-z0-9./-]+:.+$/.test(key)) throw fail(`Condition.${operator}`, `${JSON.stringify(key)} is not a condition key`);
      const wrong = many(values).find((value) => !['string', 'number', 'boolean'].includes(typeof value));
      if (wrong !== undefined) throw fail(`Condition.${operator}.${key}`, 'holds something that is neither text, number nor boolean');
      return compileCondition(operator, key, many(values).map(String), { variables, fail });
    });
  });
}

function compilePrincipals(statement: StatementDocument, kind: PolicyKind, fail: Fail): PrincipalMatcher | undefined {
  const { Principal: principal, NotPrincipal: notPrincipal } = statement;
  if (kind === 'identity') {
    if (principal !== undefined || notPrincipal !== undefined) throw fail('Principal', 'an identity policy has no principal');
    return undefined;
  }
  if ((principal === undefined) === (notPrincipal === undefined)) throw fail('Principal', 'exactly one of Principal and NotPrincipal is needed');
  if (principal !== undefined) {
    const matcher = compilePrincipal(principal, (reason) => fail('Principal', reason));
    return comparesPrincipalArn(statement) ? (caller) => directly(matcher(caller)) : matcher;
  }
  return compileNotPrincipal(notPrincipal as NonNullable<typeof notPrincipal>, (reason) => fail('NotPrincipal', reason));
}

/**
 * A statement for everybody that picks its callers by `aws:PrincipalArn` grants to the session itself: neither permissions
 * boundary nor session policy limits it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
function comparesPrincipalArn({ Condition }: StatementDocument): boolean {
  return Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      /^(ForAnyValue:)?(String(Equals|Like)(IgnoreCase)?|Arn(Equals|Like))$/.test(operator) &&
      Object.keys(keys).some((key) => key.toLowerCase() === 'aws:principalarn'),
  );
}

const directly = (match: PrincipalMatch): PrincipalMatch => (match.naming === 'everyone' ? { ...match, naming: 'session' } : match);
