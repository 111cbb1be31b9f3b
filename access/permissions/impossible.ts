import { compilePolicy, type Policy } from '../../evaluator/policy/compile';
import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import type { Statement } from '../../evaluator/policy/statement';
import { type AccessRequest, accessRequest } from '../../evaluator/request';
import { isUnknown, UNKNOWN_PRESENCE } from '../../evaluator/unknown';
import type { Actor } from '../matrix/actors';

/** What keeps an actor from actions on whatever resource: Deny statements for all resources, and its boundary. */
interface Limits {
  readonly denies: readonly Statement[];
  /** The Allow statements of the boundary, as if for all resources; absent without one. */
  readonly boundary?: readonly Statement[];
  /** Condition keys that these test. */
  readonly keys: readonly string[];
}

const limits = new WeakMap<Actor, Limits>();

/**
 * Whether an actor can never do something, on any resource and under any conditions. Only what is certain counts: a Deny of
 * all resources whose conditions the actor always meets, or a boundary that does not name the action.
 */
export function isImpossible(actor: Actor, action: string): boolean {
  const own = limits.get(actor) ?? limitsOf(actor);
  limits.set(actor, own);
  if (own.denies.length === 0 && own.boundary === undefined) return false;
  const request = openRequest(actor, action, own.keys);
  return (
    own.denies.some((statement) => statement.matches(request) === true) || own.boundary?.every((statement) => statement.matches(request) === false) === true
  );
}

/**
 * A request of which every key that the actor does not settle may be there or not, with any value. Whether MFA is there
 * follows from the actor's credentials.
 */
function openRequest(actor: Actor, action: string, keys: readonly string[]): AccessRequest {
  const settled = new Set(Object.keys(actor.context).map((key) => key.toLowerCase()));
  const { context } = accessRequest(actor.principal, action, '*', actor.context);
  const open = keys.filter((key) => !settled.has(key) && !OF_CREDENTIALS.test(key) && (!context.has(key) || OF_REQUEST.test(key)));
  return accessRequest(actor.principal, action, '*', { ...actor.context, ...Object.fromEntries(open.map((key) => [key, UNKNOWN_PRESENCE])) });
}

/** Keys that the resource decides, or the way that a request takes: both are left open here. */
const OF_REQUEST = /^aws:(resource|requestedregion|viaawsservice|calledvia)/;
const OF_CREDENTIALS = /^aws:multifactorauth/;

function limitsOf({ identity, boundary }: Actor): Limits {
  const denies = [...identity, ...(boundary ?? [])]
    .flatMap(statementsOf)
    .filter(({ statement: { Effect, Resource } }) => Effect === 'Deny' && many(Resource).includes('*'));
  const limiting = boundary?.flatMap(statementsOf).filter(({ statement }) => statement.Effect === 'Allow');
  const isOpen = boundary?.some(({ text }) => isUnknown(text)) === true;
  return {
    denies: denies.flatMap(compiled),
    boundary: isOpen ? undefined : limiting?.map(onAnyResource).flatMap(compiled),
    keys: [...denies, ...(limiting ?? [])].flatMap(keysOf),
  };
}

/** A statement with the version of its document. */
interface VersionedStatement {
  readonly version: PolicyDocument['Version'];
  readonly statement: StatementDocument;
}

function statementsOf({ text }: Policy): readonly VersionedStatement[] {
  if (text === '' || isUnknown(text)) return [];
  const { Version: version, Statement } = JSON.parse(text) as PolicyDocument;
  return many<StatementDocument>(Statement).map((statement) => ({ version, statement }));
}

function onAnyResource({ version, statement: { NotResource: _except, ...statement } }: VersionedStatement): VersionedStatement {
  return { version, statement: { ...statement, Resource: '*' } };
}

function compiled({ version, statement: { Sid: _sid, ...statement } }: VersionedStatement): readonly Statement[] {
  return compilePolicy('limits', { Version: version, Statement: statement }, 'identity', { strict: false }).statements;
}

/** The condition keys that a statement tests, and those whose values it compares with. */
function keysOf({ statement: { Condition = {} } }: VersionedStatement): string[] {
  const tested = Object.values(Condition).flatMap((keys) => Object.keys(keys));
  const variables = [...JSON.stringify(Condition).matchAll(/\$\{([^},]+)/g)].map(([, key = '']) => key.trim());
  return [...tested, ...variables].map((key) => key.toLowerCase());
}
