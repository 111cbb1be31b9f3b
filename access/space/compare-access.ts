import { isUnknown, type Principal } from '../../evaluator';
import { Collector } from '../../evaluator/request-space/collector';
import { type RequestSpace, type ResourceMark, resourceMark, type SpaceResources, searchSpace, type ToldKeys } from '../../evaluator/request-space/space';
import type { AccessModel, Identity, ProtectedResource } from '../model/access-model';
import { type AccessDifference, differencesOf } from './difference';
import { groupMembers } from './group-members';
import {
  askedResource,
  isSame,
  joined,
  type Pair,
  pairsOf,
  policiesOf,
  sidesOf,
  textsOf,
  toldOf,
  UNIQUE_ID,
  uniqueIdsIn,
  withKnownIdentity,
  withKnownResource,
  withoutIdentity,
} from './pairs';
import { principalsOf, sideOf, toldPrincipalTags } from './sides';

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
