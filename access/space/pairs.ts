import { isUnknown, many, type PolicyDocument, type StatementDocument } from '../../evaluator';
import type { RequestSpace, SpaceResources, SpaceSide, ToldKeys } from '../../evaluator/request-space/space';
import type { HeldPolicy, Identity, ProtectedResource } from '../model/access-model';
import { sideOf, toldTags } from './sides';

/** An identity, or a resource, on both sides. */
export interface Pair<Item> {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export const UNIQUE_ID = /\bA(?:ROA|IDA)[A-Z0-9]{12,}\b/g;

/** The policies of an identity, with its boundary, or of a resource. */
export const policiesOf = (holder: Identity | ProtectedResource): readonly HeldPolicy[] =>
  'policies' in holder ? [...holder.policies, ...holder.boundary] : holder.policy ? [holder.policy] : [];

/**
 * What is not known of a policy after apply counts as what it was, so that everything else can be compared.
 */
export function withKnownIdentity({ before, after }: Pair<Identity>): Pair<Identity> {
  const known = (policies: readonly HeldPolicy[], earlier: readonly HeldPolicy[] = []) =>
    policies.flatMap((policy) => (isUnknown(policy.text) ? (earlier.find(({ name }) => name === policy.name) ?? []) : policy));
  if (after === undefined) return { before, after };
  const boundary = after.boundary.some(({ text }) => isUnknown(text)) ? (before?.boundary ?? []) : after.boundary;
  return { before, after: { ...after, policies: known(after.policies, before?.policies), boundary } };
}

/** The same of the policy of a resource. */
export function withKnownResource({ before, after }: Pair<ProtectedResource>): Pair<ProtectedResource> {
  if (after?.policy === undefined || !isUnknown(after.policy.text)) return { before, after };
  return { before, after: { ...after, policy: before?.policy } };
}

/** What is on both sides, by ARN; by id where the ARN is known only after apply. */
export function pairsOf<Item extends { readonly id: string; readonly arn: string }>(
  before: readonly Item[] = [],
  after: readonly Item[] = [],
): readonly Pair<Item>[] {
  // What has another ARN afterwards is another one: what names the old one does not name it.
  const idOf = ({ id, arn }: Item) => (isUnknown(arn) ? id : arn);
  const was = new Map(before.map((item) => [idOf(item), item]));
  const becomes = new Map(after.map((item) => [idOf(item), item]));
  return [...new Set([...was.keys(), ...becomes.keys()])].map((id) => ({ before: was.get(id), after: becomes.get(id) }));
}

/** All of an identity that decides, as one text. */
export const textsOf = ({ policies, boundary, tags }: Identity) =>
  JSON.stringify([policies.map(({ name, text }) => [name, text]), boundary.map(({ text }) => text), tags]);

const stateOf = (resource: ProtectedResource | undefined) => resource && JSON.stringify([resource.policy?.text, resource.tags]);

/** Whether policy and tags of a resource are the same on both sides; grants are told by themselves. */
export const isSame = ({ before, after }: Pair<ProtectedResource>) => stateOf(before) === stateOf(after);

/** A resource as the search asks about it. */
export function askedResource({ before, after }: Pair<ProtectedResource>, account: string): SpaceResources {
  const { arn, parts, kind } = after ?? (before as ProtectedResource);
  return { arn, parts, account, policyOf: kind === 'trust' ? 'sts' : undefined, needsPolicy: kind !== 'resource' };
}

/** What decides about an identity on a resource, on each side on which both exist. */
export function sidesOf(identity: Pair<Identity>, resource: Pair<ProtectedResource>): RequestSpace['sides'] {
  const side = (who: Identity | undefined, what: ProtectedResource | undefined): SpaceSide | undefined =>
    who && what ? withSharedGrants(sideOf(who, what), resource) : undefined;
  return [side(identity.before, resource.before), side(identity.after, resource.after)];
}

/** What decides about callers that are no identities of the models. */
export const withoutIdentity = (resource: ProtectedResource): SpaceSide => ({ identity: [], resource: sideOf(undefined, resource).resource });

/** Grants that come and go are told by themselves. */
function withSharedGrants(side: SpaceSide, { before, after }: Pair<ProtectedResource>): SpaceSide {
  const was = new Set(before?.grants.map((grant) => JSON.stringify(grant)));
  return { ...side, grants: after?.grants.filter((grant) => was.has(JSON.stringify(grant))) };
}

/** The tags of a resource on each side. */
export const toldOf = ({ before, after }: Pair<ProtectedResource>): RequestSpace['told'] => [
  toldTags(before?.tags, 'aws:resourcetag/'),
  toldTags(after?.tags, 'aws:resourcetag/'),
];

/** Two lists of known keys together. */
export const joined = (first: ToldKeys, second: ToldKeys): ToldKeys => new Map([...first, ...second]);

/** The unique ids that stand for principals in a policy. */
export function uniqueIdsIn(text: string): readonly { readonly sid: string; readonly id: string }[] {
  if (isUnknown(text) || text.search(UNIQUE_ID) < 0) return [];
  const { Statement: statements } = JSON.parse(text) as PolicyDocument;
  return many<StatementDocument>(statements).flatMap((statement, index) => {
    const ids = JSON.stringify([statement.Principal, statement.NotPrincipal]).match(UNIQUE_ID) ?? [];
    return ids.map((id) => ({ sid: statement.Sid ?? `Statement[${index}]`, id }));
  });
}
