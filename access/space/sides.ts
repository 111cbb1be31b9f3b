import { isUnknown, type Policy, type PolicyDocument, type Principal, parsePrincipal } from '../../evaluator';
import { lastSegment, parseArn } from '../../evaluator/arn';
import type { CompiledDocument, SpaceSide, ToldKeys } from '../../evaluator/request-space/space';
import { compileSource } from '../graph/deployment';
import type { HeldPolicy, Identity, ProtectedResource, Tags } from '../model/access-model';

const documents = new WeakMap<Policy, PolicyDocument>();

/**
 * A policy with its document; nothing when it is known only after apply.
 *
 * @throws PolicyError when it is not valid
 */
export function compiledDocument(policy: HeldPolicy): CompiledDocument | undefined {
  if (policy.text === '' || isUnknown(policy.text)) return undefined;
  const compiled = compileSource(policy);
  let document = documents.get(compiled);
  if (document === undefined) {
    document = JSON.parse(policy.text) as PolicyDocument;
    documents.set(compiled, document);
  }
  return { policy: compiled, document };
}

const compiledAll = (policies: readonly HeldPolicy[]) => policies.flatMap((policy) => compiledDocument(policy) ?? []);

/** What decides about an identity on a resource, as far as it is known. */
export function sideOf(identity: Identity | undefined, resource: ProtectedResource | undefined): SpaceSide {
  return {
    identity: identity ? compiledAll(identity.policies) : [],
    boundary: identity && identity.boundary.length > 0 ? compiledAll(identity.boundary) : undefined,
    resource: resource?.policy && compiledDocument(resource.policy),
    grants: resource?.grants,
  };
}

/** The principals as whom an identity calls: a user itself, a role in any session. */
export function principalsOf({ kind, arn }: Identity, named: readonly string[]): readonly Principal[] {
  const parsed = parseArn(arn);
  if (kind === 'user' || !parsed) return [parsePrincipal(arn)].flatMap((principal) => principal ?? []);
  const sessions = `arn:${parsed.partition}:sts::${parsed.account}:assumed-role/${lastSegment(arn)}/`;
  // Policies may name single sessions of a role.
  const own = named.filter((principal) => principal.startsWith(sessions));
  return [...new Set([`${sessions}session`, ...own])].flatMap((session) => parsePrincipal(session, arn) ?? []);
}

/**
 * What is known of the keys for tags: their values, and that other tags are absent.
 *
 * @param prefix such as `aws:resourcetag/`
 */
export function toldTags(tags: Tags | undefined, prefix: string): ToldKeys {
  if (tags === undefined || tags === 'unknown') return new Map();
  const values = Object.entries(tags).map(([name, value]) => [`${prefix}${name.toLowerCase()}`, value] as const);
  return new Map<string, string | null>([...values, [`${prefix}*`, null]]);
}

/**
 * The tags that a caller is known to carry. Who may pass session tags may carry any others.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function toldPrincipalTags(identity: Identity | undefined, trust: ProtectedResource | undefined): ToldKeys {
  if (identity === undefined) return new Map();
  const takesSessionTags = identity.kind === 'role' && (trust?.policy === undefined || /"sts:(TagSession|\*|t\w*\*)|"\*"|NotAction/i.test(trust.policy.text));
  return takesSessionTags ? new Map() : toldTags(identity.tags, 'aws:principaltag/');
}
