import { isUnknown, many, type PolicyDocument, type Principal, type StatementDocument } from '../../evaluator';
import { Collector } from '../../evaluator/request-space/collector';
import {
  type RequestSpace,
  type ResourceMark,
  resourceMark,
  type SpaceResources,
  type SpaceSide,
  searchSpace,
  type ToldKeys,
} from '../../evaluator/request-space/space';
import type { AccessModel, HeldPolicy, Identity, ProtectedResource } from '../model/access-model';
import { type AccessDifference, differencesOf } from './difference';
import { groupMembers } from './group-members';
import { principalsOf, sideOf, toldPrincipalTags, toldTags } from './sides';

/** How the access of two models differs over all requests. */
export interface AccessComparison {
  readonly differences: readonly AccessDifference[];
  /** What could not be decided, each with what caused it. */
  readonly undetermined: readonly string[];
}

/** How much is compared. */
export interface CompareAccessOptions {
  /** How many nodes of the search may be looked at; a million unless told. */
  readonly nodeLimit?: number;
  /** Whether to end with the first difference. */
  readonly firstOnly?: boolean;
  /**
   * Whether to take condition keys to be there exactly where AWS documents them. Otherwise any request may have them, which
   * tells of a difference too many, never of one too few.
   */
  readonly asDocumented?: boolean;
}

const NODE_LIMIT = 1_000_000;
/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const UNIQUE_ID = /\bA(?:ROA|IDA)[A-Z0-9]{12,}\b/g;

/**
 * Compares who may do what in two models, over all requests: of every identity with all its policies, and of everybody else
 * whom policies of resources can tell apart, on every resource of the models and on all others.
 *
 * @param before absent where nothing was deployed
 * @throws PolicyError when a policy is not valid
 * @example
 * compareAccess(model, withPolicyTexts(model, changes)).differences.filter(({ side }) => side === 'after');
 */
export function compareAccess(before: AccessModel | undefined, after: AccessModel | undefined, options: CompareAccessOptions = {}): AccessComparison {
  return new AccessComparer(before, after, options).run();
}

/** An identity, or a resource, on both sides. */
interface Pair<Item> {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

class AccessComparer {
  private readonly identities: readonly Pair<Identity>[];
  private readonly resources: readonly Pair<ProtectedResource>[];
  private readonly others: ResourceMark;
  private readonly named: readonly string[];
  private readonly known: ReadonlySet<string>;
  private readonly budget: { nodes: number };
  private readonly differences: AccessDifference[] = [];
  private readonly undetermined = new Set<string>();

  constructor(
    before: AccessModel | undefined,
    after: AccessModel | undefined,
    private readonly options: CompareAccessOptions,
  ) {
    const identities = pairsOf(identitiesOf(before), identitiesOf(after));
    this.identities = identities.map(withKnownIdentity);
    this.resources = pairsOf(before?.resources, after?.resources).map(withKnownResource);
    this.tellUnknown(identities, pairsOf(before?.resources, after?.resources));
    const all = this.resources.flatMap(({ before: was, after: becomes }) => [was, becomes].flatMap((resource) => resource ?? []));
    this.others = resourceMark([...new Set(all.flatMap(({ arn, parts }) => [arn, ...parts]))]);
    this.named = [
      ...new Set(all.flatMap(({ policy }) => [...(policy?.text ?? '').matchAll(/arn:[a-z-]+:sts::\d{12}:assumed-role\/[^"]+/g)].map(([arn]) => arn))),
    ];
    this.known = new Set(this.identities.flatMap(({ before: was, after: becomes }) => [was?.arn, becomes?.arn].flatMap((arn) => arn ?? [])));
    this.budget = { nodes: options.nodeLimit ?? NODE_LIMIT };
    this.space = { asDocumented: options.asDocumented ?? false };
    this.account = after?.account ?? before?.account ?? '';
  }

  private readonly account: string;
  private readonly space: Pick<RequestSpace, 'asDocumented'>;

  run(): AccessComparison {
    for (const identity of this.identities) {
      if (this.isDone) break;
      this.compareIdentity(identity);
    }
    for (const resource of this.resources) {
      if (this.isDone) break;
      this.compareEverybodyElse(resource);
    }
    return { differences: this.differences, undetermined: [...this.undetermined] };
  }

  private get isDone(): boolean {
    return this.options.firstOnly === true && this.differences.length > 0;
  }

  /** Policies and tags that are known only after apply, and principals that are named by their unique ids. */
  private tellUnknown(identities: readonly Pair<Identity>[], resources: readonly Pair<ProtectedResource>[]): void {
    for (const { before, after } of [...identities, ...resources]) {
      const was = new Set(before ? policiesOf(before).map(({ name, text }) => `${name} ${text}`) : []);
      const idsBefore = new Set(before ? policiesOf(before).flatMap(({ text }) => text.match(UNIQUE_ID) ?? []) : []);
      for (const { name, text } of after ? policiesOf(after) : []) {
        if (isUnknown(text) && !was.has(`${name} ${text}`)) this.undetermined.add(`${after?.id}: what the policy ${name} allows is known only after apply`);
        for (const { sid, id } of uniqueIdsIn(text)) {
          if (!idsBefore.has(id)) this.undetermined.add(`${sid} (${name}): names a principal by its unique id ${id}; give its ARN`);
        }
      }
      if (before && before.tags !== 'unknown' && after?.tags === 'unknown') this.undetermined.add(`${after.id}: its tags are known only after apply`);
    }
  }

  private compareIdentity(identity: Pair<Identity>): void {
    const { before, after } = identity;
    const id = after?.id ?? before?.id ?? '';
    const trust = this.resources.find((pair) => pair.after?.id === `trust of ${id.replace(/^role /, '')}`);
    const principalTags = [toldPrincipalTags(before, trust?.before), toldPrincipalTags(after, trust?.after)] as const;
    const own = before !== undefined && after !== undefined && textsOf(before) === textsOf(after);
    const collector = this.collector();
    const search = (resources: SpaceResources, sides: RequestSpace['sides'], tags: RequestSpace['told']) => {
      const told = [joined(principalTags[0], tags[0]), joined(principalTags[1], tags[1])] as const;
      for (const principal of principalsOf(after ?? (before as Identity), this.named)) {
        if (!this.isDone) searchSpace({ ...this.space, callers: { principal }, resources, sides, told }, collector, this.budget);
      }
    };
    if (!own) search({ allBut: this.others }, [before && sideOf(before, undefined), after && sideOf(after, undefined)], [NONE, NONE]);
    for (const resource of this.resources) {
      if (own && isSame(resource)) continue;
      search(askedResource(resource, this.account), sidesOf(identity, resource), toldOf(resource));
    }
    this.collect(collector, () => id, identity, this.resources);
  }

  /** Everybody who is not an identity of the models. */
  private compareEverybodyElse(resource: Pair<ProtectedResource>): void {
    if (isSame(resource)) return;
    const collector = this.collector();
    const everybodyBut = (principal: Principal) => this.known.has(principal.principalArn);
    const sides = [resource.before && withoutIdentity(resource.before), resource.after && withoutIdentity(resource.after)] as const;
    searchSpace(
      { ...this.space, callers: { everybodyBut }, resources: askedResource(resource, this.account), sides, told: toldOf(resource) },
      collector,
      this.budget,
    );
    this.collect(collector, (witness) => witness, undefined, [resource]);
  }

  private collector(): Collector {
    return new Collector(this.options.firstOnly ?? false, ({ policy, statement }) => `${statement} (${policy})`);
  }

  private collect(
    collector: Collector,
    whoOf: (principal: string) => string,
    identity: Pair<Identity> | undefined,
    resources: readonly Pair<ProtectedResource>[],
  ): void {
    for (const reason of collector.undetermined) this.undetermined.add(reason);
    if (collector.groups.size === 0) return;
    const holders = (side: 'before' | 'after') => [identity?.[side], ...resources.map((pair) => pair[side])].flatMap((holder) => holder ?? []);
    this.differences.push(...differencesOf([...collector.groups.values()], whoOf, holders('before'), holders('after')));
  }
}

const identitiesOf = (model: AccessModel | undefined) => (model ? [...model.identities, ...groupMembers(model)] : []);

const NONE: ToldKeys = new Map();

const policiesOf = (holder: Identity | ProtectedResource): readonly HeldPolicy[] =>
  'policies' in holder ? [...holder.policies, ...holder.boundary] : holder.policy ? [holder.policy] : [];

/**
 * What is not known of a policy after apply counts as what it was, so that everything else can be compared.
 */
function withKnownIdentity({ before, after }: Pair<Identity>): Pair<Identity> {
  const known = (policies: readonly HeldPolicy[], earlier: readonly HeldPolicy[] = []) =>
    policies.flatMap((policy) => (isUnknown(policy.text) ? (earlier.find(({ name }) => name === policy.name) ?? []) : policy));
  if (after === undefined) return { before, after };
  const boundary = after.boundary.some(({ text }) => isUnknown(text)) ? (before?.boundary ?? []) : after.boundary;
  return { before, after: { ...after, policies: known(after.policies, before?.policies), boundary } };
}

function withKnownResource({ before, after }: Pair<ProtectedResource>): Pair<ProtectedResource> {
  if (after?.policy === undefined || !isUnknown(after.policy.text)) return { before, after };
  return { before, after: { ...after, policy: before?.policy } };
}

function pairsOf<Item extends { readonly id: string; readonly arn: string }>(before: readonly Item[] = [], after: readonly Item[] = []): readonly Pair<Item>[] {
  // What has another ARN afterwards is another one: what names the old one does not name it.
  const idOf = ({ id, arn }: Item) => (isUnknown(arn) ? id : arn);
  const was = new Map(before.map((item) => [idOf(item), item]));
  const becomes = new Map(after.map((item) => [idOf(item), item]));
  return [...new Set([...was.keys(), ...becomes.keys()])].map((id) => ({ before: was.get(id), after: becomes.get(id) }));
}

const textsOf = ({ policies, boundary, tags }: Identity) =>
  JSON.stringify([policies.map(({ name, text }) => [name, text]), boundary.map(({ text }) => text), tags]);

const stateOf = (resource: ProtectedResource | undefined) => resource && JSON.stringify([resource.policy?.text, resource.tags]);

const isSame = ({ before, after }: Pair<ProtectedResource>) => stateOf(before) === stateOf(after);

function askedResource({ before, after }: Pair<ProtectedResource>, account: string): SpaceResources {
  const { arn, parts, kind } = after ?? (before as ProtectedResource);
  return { arn, parts, account, policyOf: kind === 'trust' ? 'sts' : undefined, needsPolicy: kind !== 'resource' };
}

function sidesOf(identity: Pair<Identity>, resource: Pair<ProtectedResource>): RequestSpace['sides'] {
  const side = (who: Identity | undefined, what: ProtectedResource | undefined): SpaceSide | undefined =>
    who && what ? withSharedGrants(sideOf(who, what), resource) : undefined;
  return [side(identity.before, resource.before), side(identity.after, resource.after)];
}

const withoutIdentity = (resource: ProtectedResource): SpaceSide => ({ identity: [], resource: sideOf(undefined, resource).resource });

/** Grants that come and go are told by themselves. */
function withSharedGrants(side: SpaceSide, { before, after }: Pair<ProtectedResource>): SpaceSide {
  const was = new Set(before?.grants.map((grant) => JSON.stringify(grant)));
  return { ...side, grants: after?.grants.filter((grant) => was.has(JSON.stringify(grant))) };
}

const toldOf = ({ before, after }: Pair<ProtectedResource>): RequestSpace['told'] => [
  toldTags(before?.tags, 'aws:resourcetag/'),
  toldTags(after?.tags, 'aws:resourcetag/'),
];

const joined = (first: ToldKeys, second: ToldKeys): ToldKeys => new Map([...first, ...second]);

/** The unique ids that stand for principals in a policy. */
function uniqueIdsIn(text: string): readonly { readonly sid: string; readonly id: string }[] {
  if (isUnknown(text) || !UNIQUE_ID.test(text)) return [];
  const { Statement: statements } = JSON.parse(text) as PolicyDocument;
  return many<StatementDocument>(statements).flatMap((statement, index) => {
    const ids = JSON.stringify([statement.Principal, statement.NotPrincipal]).match(UNIQUE_ID) ?? [];
    return ids.map((id) => ({ sid: statement.Sid ?? `Statement[${index}]`, id }));
  });
}
