import { createHash } from 'node:crypto';
import type { Grant } from '../../evaluator/grants';
import type { Witness } from '../../evaluator/request-space/witness';
import { isUnknown } from '../../evaluator/unknown';
import type { Deployment } from '../graph/deployment';
import type { AccessModel } from '../model/access-model';
import { compareAccess } from '../space/compare-access';
import { type AccessDifference, changedStatements } from '../space/difference';
import { isOfOneGroup, isOfSeveralGroups } from '../space/group-members';
import { withDelegation, withoutDenials, withoutLimits } from '../space/views';

/** A statement by which a plan lets more or less pass than before, whatever the operation. */
export interface WiderStatement {
  /** As lists of accepted differences name it. */
  readonly id: string;
  /** Who has more or less, or what the policies belong to: `role pipeline-DBAccessRole`. */
  readonly holder: string;
  /** `Sid (policy)`, as cells name it; empty where it is none. */
  readonly statement: string;
  /** What it lets pass. */
  readonly change: string;
  /** Whether it depends on what is known only after apply. */
  readonly undetermined: boolean;
  /** A request that shows it. */
  readonly witness?: Witness;
  /** Of the resource that it is about, where no policy tells that. */
  readonly address?: string;
}

/** As people read it. */
export const statementText = ({ holder, statement, change }: WiderStatement): string =>
  statement === '' ? `${holder}: ${change}` : `${holder}, by ${statement}: ${change}`;

/** What changes beyond single operations. */
export interface StatementChanges {
  readonly gained: readonly WiderStatement[];
  readonly lost: readonly WiderStatement[];
}

/** What is compared: the deployments, and all that decides about access in them. */
export interface ComparedSide {
  readonly deployment: Deployment | undefined;
  readonly model: AccessModel | undefined;
}

/**
 * Compares both sides over all requests, so that no action, principal, resource or condition goes unasked because no
 * operation of the matrix names it. What cannot be decided is listed as gained, and undetermined.
 *
 * @throws PolicyError when a policy is not valid
 */
export function statementChanges(before: ComparedSide, after: ComparedSide): StatementChanges {
  const { differences, undetermined } = compareAccess(before.model, after.model);
  const told = withoutRepeats(differences);
  const ofSide = (side: AccessDifference['side']) => told.filter((difference) => difference.side === side).map(statementOf);
  return {
    gained: [
      ...newMembers(before.deployment, after.deployment),
      ...newEventSources(before.deployment, after.deployment),
      ...newGrants(before.model, after.model),
      ...ofSide('after'),
      ...heldByOne(before.model, after.model, told),
      ...undetermined.map(undecided),
    ],
    lost: [...newGrants(after.model, before.model), ...ofSide('before')],
  };
}

/**
 * What is still refused, but by less than before: what a statement newly allows and another one denies, and what a statement
 * no longer denies and nothing allows. Each of them opens the data together with the next change.
 */
function heldByOne(before: AccessModel | undefined, after: AccessModel | undefined, told: readonly AccessDifference[]): WiderStatement[] {
  const isTold = new Set(told.filter(({ side }) => side === 'after').map(({ cause }) => cause));
  const views = [
    { compare: withoutDenials, effect: 'allows', why: 'other statements deny it' },
    { compare: withDelegation, effect: 'allows', why: 'the policies of the resources do not allow it' },
    { compare: withoutLimits, effect: 'no longer denies', why: 'nothing allows it' },
  ] as const;
  // The delegation of a new key or role stands in no policy.
  const delegating = new Set((after?.resources ?? []).flatMap(({ policy }) => (policy && policy.kind !== 'resource' ? [`Delegation (${policy.name})`] : [])));
  const isOfView = (compare: unknown, { cause }: AccessDifference) => compare === withDelegation && delegating.has(cause);
  const changed = changedStatements(before, after);
  return views.flatMap(({ compare, effect, why }) => {
    const causes = effect === 'allows' ? changed.allows : changed.denials;
    if (causes.every((cause) => isTold.has(cause))) return [];
    const { differences } = compareAccess(compare(before), compare(after));
    const found = differences.filter(
      (difference) => difference.side === 'after' && difference.effect === effect && !isTold.has(difference.cause) && !isOfView(compare, difference),
    );
    for (const { cause } of found) isTold.add(cause);
    return withoutRepeats(found).map((difference) => {
      const statement = statementOf(difference);
      return { ...statement, change: `${statement.change}; for now ${why}` };
    });
  });
}

/** What a member of one group gains needs not be told of those who are in another one as well. */
export function withoutRepeats(differences: readonly AccessDifference[]): readonly AccessDifference[] {
  const idOf = ({ side, cause, effect, actions }: AccessDifference) => JSON.stringify([side, cause, effect, actions]);
  const ofSingleGroups = new Set(differences.filter(({ who }) => isOfOneGroup(who)).map(idOf));
  return differences.filter((difference) => !isOfSeveralGroups(difference.who) || !ofSingleGroups.has(idOf(difference)));
}

/** A user that joins a group has its permissions; the matrix asks about members of groups, not about single users. */
function newMembers(before: Deployment | undefined, after: Deployment | undefined): WiderStatement[] {
  const known = new Set(before?.memberships.map(({ user, group }) => `${user} ${group}`));
  return (after?.memberships ?? [])
    .filter(({ user, group }) => !known.has(`${user} ${group}`))
    .map(({ user, group }) => ({
      ...widening(`user ${readable(user)}`, `group ${readable(group)}`, 'joins the group: has its permissions'),
      undetermined: isUnknown(user) || isUnknown(group),
    }));
}

/** A mapping makes Lambda hand what a source holds to a function, in the name of its role. */
function newEventSources(before: Deployment | undefined, after: Deployment | undefined): WiderStatement[] {
  const known = new Set(before?.eventSources.map(({ source, functionName }) => `${source} ${functionName}`));
  return (after?.eventSources ?? [])
    .filter(({ source, functionName }) => !known.has(`${source} ${functionName}`))
    .map(({ source, functionName }) => ({
      ...widening(`function ${readable(functionName)}`, 'event source mapping', `gets what ${readable(source)} holds`),
      undetermined: isUnknown(source) || isUnknown(functionName),
    }));
}

const readable = (text: string) => (isUnknown(text) ? '(known after apply)' : text);

/** Grants of keys that are on the second side only. */
export function newGrants(before: AccessModel | undefined, after: AccessModel | undefined): WiderStatement[] {
  return (after?.resources ?? []).flatMap(({ id, grants }) => {
    const known = new Set(before?.resources.find((resource) => resource.id === id)?.grants.map(withoutKey));
    return grants.filter((grant) => !known.has(withoutKey(grant))).map((grant) => widening(id, `grant ${grant.id}`, grantText(grant)));
  });
}

const grantText = ({ grantee, operations, retiringPrincipal }: Grant) =>
  `lets ${grantee} ${operations.join(', ')}${retiringPrincipal ? `, and ${retiringPrincipal} retire it` : ''}`;

/** The ARN of a key may be known on one side only. */
const withoutKey = ({ keyArn: _keyArn, ...grant }: Grant) => JSON.stringify(grant);

/** Something that lets more pass, and that is decided. */
export const widening = (holder: string, statement: string, change: string): WiderStatement => ({
  id: `${holder} | ${statement} | ${change}`,
  holder,
  statement,
  change,
  undetermined: false,
});

const undecided = (reason: string): WiderStatement => ({ ...widening('undetermined', reason, 'is not decided'), undetermined: true });

const SHOWN = 6;

/** A difference as it is told. Accepting it accepts these actions and resources; the digest tells others. */
export function statementOf({ who, cause, effect, actions, resources, witness }: AccessDifference): WiderStatement {
  const digest = createHash('sha256')
    .update(JSON.stringify([[...actions].sort(), [...resources].sort(), conditionsOf(witness)]))
    .digest('hex')
    .slice(0, 8);
  const change = `${effect} ${listed(actions)} on ${listed(resources)}${conditionText(witness)}`;
  return { ...widening(who, cause, change), id: `${who} | ${cause} | ${effect} ${digest}`, witness };
}

function listed(values: readonly string[]): string {
  return values.length > SHOWN ? `${values.slice(0, SHOWN).join(', ')} and ${values.length - SHOWN} more` : values.join(', ');
}

function conditionsOf({ context }: Witness): readonly string[] {
  return Object.entries(context).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? `= ${value}` : value.length === 0 ? 'absent' : `= ${value.join(' and ')}`}`,
  );
}

function conditionText(witness: Witness): string {
  const conditions = conditionsOf(witness);
  const by = `, for example ${witness.action} on ${witness.resource}`;
  return conditions.length > 0 ? `${by} with ${conditions.join(', ')}` : by;
}
