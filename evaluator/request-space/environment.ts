import { accountOf, compilePolicy, isOfAccount, type Policy, type PolicyDocument, type PolicySet, type Principal, type StatementDocument } from '../index';

/** What a policy document is attached to, as the evaluator reads it. */
export type DocumentKind = 'identity' | 'resource' | 'key' | 'trust';

/** The policies around the one that is compared: with them a request shows what that policy alone allows. */
export interface Environment {
  readonly identity: readonly PolicyDocument[];
  readonly resource?: PolicyDocument;
  /** Of a federated user, who has no permissions but those that a session policy passes on. */
  readonly session?: readonly PolicyDocument[];
}

const document = (Statement: StatementDocument): PolicyDocument => ({ Version: '2012-10-17', Statement });
const EVERYTHING = document({ Effect: 'Allow', Action: '*', Resource: '*' });
const NOTHING: Environment = { identity: [] };
const ALL: Environment = { identity: [EVERYTHING] };
const ALL_IN_SESSION: Environment = { ...ALL, session: [EVERYTHING] };
/** What stands with the policy of a resource for an administrator of an account. */
export const ADMINISTRATOR = ALL;

/**
 * The environments in which a policy has a say of its own.
 *
 * A policy of an identity is asked about on resources whose own policy, where one is needed, leaves the decision to the
 * caller's account. A policy of a resource is asked about for callers whose own policies allow nothing, and, where the
 * resource's policy is needed as well, for callers whose own policies allow everything.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-cross-account.html
 */
export function environmentsOf(kind: DocumentKind, principal: Principal, action: string, resourceAccount: string | undefined): readonly Environment[] {
  const isOwn = resourceAccount === undefined || resourceAccount === principal.account;
  if (kind === 'identity') return [identityEnvironment(principal, action, isOwn)];
  if (!isOfAccount(principal)) return [NOTHING];
  const isMandatory = kind !== 'resource';
  const all = principal.kind === 'federated' ? ALL_IN_SESSION : ALL;
  if (!isOwn) return [all];
  // The root user of the resource's account needs no policy of the resource, unless there must be one.
  if (!isMandatory) return principal.kind === 'root' ? [] : [NOTHING];
  return [NOTHING, all];
}

/** What a resource outside of what is compared says where it has to say something: it leaves the decision to the caller's account. */
export function identityEnvironment({ account }: Principal, action: string, isOwn: boolean): Environment {
  const service = action.split(':')[0]?.toLowerCase();
  if ((isOwn && service !== 'kms' && service !== 'sts') || account === undefined) return NOTHING;
  const delegation = { Effect: 'Allow', Principal: { AWS: account } } as const;
  // A trust policy has no resource, and speaks of STS alone.
  return { identity: [], resource: document(service === 'sts' ? { ...delegation, Action: 'sts:*' } : { ...delegation, Action: '*', Resource: '*' }) };
}

const compiled = new Map<string, Policy>();

/** The policies of an environment together with the one that is compared. */
export function policySet(kind: DocumentKind, policy: Policy, environment: Environment): PolicySet {
  return withEnvironment(kind === 'identity' ? { identity: [policy] } : { identity: [], resource: policy }, environment);
}

/** A set of policies together with an environment. */
export function withEnvironment(set: PolicySet, { identity, resource, session }: Environment): PolicySet {
  const around = identity.map((document) => compileOnce(document, 'identity'));
  const passedOn = session?.map((document) => compileOnce(document, 'identity'));
  return {
    ...set,
    ...(passedOn ? { session: passedOn } : {}),
    identity: [...set.identity, ...around],
    resource: set.resource ?? (resource && compileOnce(resource, kindOfSurrounding(resource))),
  };
}

const kindOfSurrounding = (resource: PolicyDocument) => (JSON.stringify(resource).includes('"Resource"') ? 'resource' : 'trust');

function compileOnce(written: PolicyDocument, kind: 'identity' | 'resource' | 'trust'): Policy {
  const text = JSON.stringify(written);
  let policy = compiled.get(text);
  if (policy === undefined) {
    policy = compilePolicy('surrounding policy', written, kind);
    compiled.set(text, policy);
  }
  return policy;
}

const OTHER_ACCOUNT = '777788889999';

/** An account that is not the given one. */
export const otherThan = (account: string | undefined) => (account === OTHER_ACCOUNT ? '666677778888' : OTHER_ACCOUNT);

/** The accounts that a resource can belong to, as far as it makes a difference for the caller. */
export function resourceAccounts(kind: DocumentKind, principal: Principal, resource: string, compared: readonly string[]): readonly (string | undefined)[] {
  const account = accountOf(resource);
  if (account !== undefined) return [account];
  if (principal.account === undefined) return compared.length > 0 ? [...new Set([...compared, OTHER_ACCOUNT])] : [undefined];
  if (kind === 'identity' && compared.length === 0) return [undefined];
  return [...new Set([otherThan(principal.account), principal.account, ...compared])];
}
