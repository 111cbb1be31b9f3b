import { accountOf, formatArn, lastSegment } from '../../evaluator/arn';
import { compilePolicy } from '../../evaluator/policy/compile';
import { many, type PrincipalElement, type StatementDocument } from '../../evaluator/policy/document';
import { type Principal, parsePrincipal } from '../../evaluator/principal';
import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import { allowAllDocument } from '../matrix/allow-all';
import type { AccessModel, HeldPolicy, Identity, Tags } from '../model/access-model';
import { type ReadPolicy, readPolicy } from './policies';

/** Somebody who is asked about. */
export interface Caller {
  /** As people read it: `role reader`, `account 444455556666`, `anybody without credentials`. */
  readonly name: string;
  readonly principal: Principal;
  readonly identity: readonly ReadPolicy[];
  readonly boundary: readonly ReadPolicy[];
  readonly tags: Tags;
}

const held = (name: string, text: string): HeldPolicy => ({ address: '', attribute: '', name, kind: 'identity', text });
/** The policies of an administrator of another account. */
export const ADMINISTRATOR = 'the policies of an administrator';
const EVERYTHING: ReadPolicy = {
  policy: compilePolicy(ADMINISTRATOR, allowAllDocument(), 'identity'),
  statements: new Map(),
  keys: new Set(),
  resources: [],
};

/** An account that no policy names. */
const OTHER_ACCOUNT = '999999999999';

/**
 * Everybody who is asked about: each role and user, everybody whom a policy of a resource names, an administrator of another
 * account, and callers without credentials.
 */
export function callersOf(model: AccessModel): Caller[] {
  const { partition } = model;
  const callers = model.identities.flatMap((identity) => callerOf(model, identity) ?? []);
  const known = new Set(model.identities.map(({ arn }) => arn));
  const named = [...namedIn(model)].filter((name) => !known.has(name)).flatMap((name) => namedCaller(model, name));
  const all = [
    ...callers,
    ...named,
    ...administrator('another account', formatArn({ partition, service: 'iam', region: '', account: OTHER_ACCOUNT, resource: 'user/administrator' })),
    ...outsider('anybody without credentials', '*', []),
  ];
  return [...new Map(all.map((caller) => [caller.name, caller])).values()];
}

/** Identities whose ARN is none of AWS, as of masked files: nobody can be asked about as them. */
export const unreadableIdentities = (model: AccessModel): Identity[] => model.identities.filter((identity) => callerOf(model, identity) === undefined);

/** A role acts as a session. */
function callerOf({ partition, account }: AccessModel, identity: Identity): Caller | undefined {
  const { arn, kind, id } = identity;
  const sessionArn = formatArn({
    partition,
    service: 'sts',
    region: '',
    account: accountOf(arn) ?? account,
    resource: `assumed-role/${lastSegment(arn)}/session`,
  });
  const principal = kind === 'user' ? parsePrincipal(arn) : parsePrincipal(sessionArn, arn);
  if (!principal) return undefined;
  const { policies, boundary, tags } = identity;
  // A session can have tags of its own.
  return { name: id, principal, identity: policies.map(readPolicy), boundary: boundary.map(readPolicy), tags: kind === 'user' ? tags : 'unknown' };
}

const outsider = (name: string, arn: string, identity: readonly ReadPolicy[]): Caller[] => {
  const principal = parsePrincipal(arn);
  return principal ? [{ name, principal, identity, boundary: [], tags: 'unknown' }] : [];
};

const administrator = (name: string, arn: string) => outsider(name, arn, [EVERYTHING]);

/** Somebody whom a policy names, with as much as is known of what its own policies allow. */
function namedCaller({ partition, account }: AccessModel, name: string): Caller[] {
  const root = (owner: string) => formatArn({ partition, service: 'iam', region: '', account: owner, resource: 'root' });
  const digits = /^\d{12}$/.test(name) ? name : /^arn:[^:]+:iam::(\d{12}):root$/.exec(name)?.[1];
  if (digits === account) return outsider(`the root user of account ${account}`, root(account), []);
  if (digits !== undefined) return administrator(`account ${digits}`, root(digits).replace(/root$/, 'user/administrator'));
  if (name.startsWith('arn:') && accountOf(name) !== account) return administrator(name, name);
  // What the policies of somebody in no file allow is not known.
  return outsider(name, name, name.startsWith('arn:') ? [readPolicy(held(`the policies of ${name}, which is in no file`, UNKNOWN))] : []);
}

/** Principals of Allow statements in policies of resources: ARNs, accounts and services. */
function namedIn(model: AccessModel): Set<string> {
  const names = new Set<string>();
  for (const statement of statementsOf(model)) {
    if (statement.Effect !== 'Allow') continue;
    for (const [type, value] of principalEntries(statement.Principal)) {
      if ((type === 'AWS' || type === 'Service') && value !== '*' && !isUnknown(value)) names.add(value);
    }
  }
  for (const { grants } of model.resources) for (const { grantee } of grants) names.add(grantee);
  return names;
}

const statementsOf = ({ resources }: AccessModel) => resources.flatMap(({ policy }) => (policy ? [...readPolicy(policy).statements.values()] : []));

/** The principals of a statement, each with its type. */
function principalEntries(element: PrincipalElement | undefined): (readonly [type: string, value: string])[] {
  if (element === undefined) return [];
  if (typeof element === 'string') return [['AWS', element]];
  return Object.entries(element).flatMap(([type, values]) => many(values).map((value) => [type, value] as const));
}

/** A principal whom a statement allows something, but about whom the evaluator does not decide. */
export interface OtherPrincipal {
  readonly name: string;
  /** The statement as decisions name it, and itself. */
  readonly statement: string;
  readonly document: StatementDocument;
}

/** Federated and canonical users, and what has the form of no principal. */
export function otherPrincipals({ statements }: ReadPolicy): OtherPrincipal[] {
  return [...statements].flatMap(([statement, document]) =>
    document.Effect !== 'Allow'
      ? []
      : principalEntries(document.Principal).flatMap(([type, value]) => (isAsked(type, value) ? [] : [{ name: nameOf(type, value), statement, document }])),
  );
}

function isAsked(type: string, value: string): boolean {
  if (type === 'Service') return isUnknown(value) || value === '*' || parsePrincipal(value) !== undefined;
  return type === 'AWS' && (value === '*' || isUnknown(value) || /^\d{12}$/.test(value) || parsePrincipal(value) !== undefined);
}

function nameOf(type: string, value: string): string {
  const known = isUnknown(value) ? 'somebody known only after apply' : value;
  if (type === 'Federated') return `federated users of ${known}`;
  return type === 'CanonicalUser' ? `the canonical user ${known}` : known;
}
