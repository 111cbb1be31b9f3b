import type { Grant } from '../../evaluator/grants';
import { many, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import { type Deployment, documentOf, type PolicySource } from '../graph/deployment';
import { covers, partsOf, type StatementPart } from './statement-cover';

/** A statement by which a plan may allow more than before, whatever the operation. */
export interface WiderStatement {
  /** As lists of accepted differences name it. */
  readonly id: string;
  /** What the policies belong to, e.g. `role pipeline-DBAccessRole`. */
  readonly holder: string;
  /** `Sid (policy)`, as cells name it. */
  readonly statement: string;
  /** What it lets pass that no statement let pass before. */
  readonly change: string;
  /** What the policy says is known only after apply. */
  readonly undetermined: boolean;
}

/** Policies that are read together: those of one role, the trust of a role, the policy of one key or store. */
interface PolicyGroup {
  readonly holder: string;
  readonly policies: readonly PolicySource[];
  readonly grants?: readonly Grant[];
  /** A permissions boundary allows nothing by itself, and without it everything passes. */
  readonly isBoundary?: boolean;
}

/**
 * Compares all statements of both sides, so that no action, principal, resource or condition goes unasked because no
 * operation of the matrix names it. A statement that what stood before covers is not listed; what cannot be shown to be
 * covered is.
 */
export function widerStatements(before: Deployment | undefined, after: Deployment | undefined): WiderStatement[] {
  const earlier = new Map(groupsOf(before).map((group) => [group.holder, group]));
  const later = groupsOf(after);
  const kept = new Set(later.map(({ holder }) => holder));
  const gone = [...earlier.values()].filter(({ holder, isBoundary }) => isBoundary && !kept.has(holder));
  return [
    ...newMembers(before, after),
    ...newEventSources(before, after),
    ...later.flatMap((group) => [...widerThan(earlier.get(group.holder), group), ...newGrants(earlier.get(group.holder), group)]),
    ...gone.filter(({ holder }) => kept.has(holder.replace('boundary of ', ''))).map(({ holder }) => widening(holder, 'permissions boundary', 'is gone')),
  ];
}

function groupsOf(deployment: Deployment | undefined): PolicyGroup[] {
  if (!deployment) return [];
  const own = (holder: string, policy: PolicySource | undefined): PolicyGroup[] => (policy ? [{ holder, policies: [policy] }] : [{ holder, policies: [] }]);
  return [
    ...deployment.roles.flatMap((role): PolicyGroup[] => [
      { holder: `role ${role.name}`, policies: role.policies },
      { holder: `trust of ${role.name}`, policies: [role.trust] },
      ...(role.boundary ? [{ holder: `boundary of role ${role.name}`, policies: [role.boundary], isBoundary: true }] : []),
    ]),
    ...deployment.groups.map(({ name, policies }) => ({ holder: `group ${name}`, policies })),
    ...deployment.keys.map((key) => ({ holder: `key ${key.name}`, policies: [key.policy], grants: key.grants })),
    ...deployment.queues.flatMap(({ name, policy }) => own(`queue ${name}`, policy)),
    ...deployment.tables.flatMap(({ name, policy }) => own(`table ${name}`, policy)),
    ...deployment.functions.flatMap(({ name, policy }) => own(`function ${name}`, policy)),
  ];
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

interface NamedStatement {
  readonly id: string;
  readonly policy: string;
  readonly parts: readonly StatementPart[];
}

function widerThan(before: PolicyGroup | undefined, after: PolicyGroup): WiderStatement[] {
  const texts = new Set(before?.policies.map(({ text }) => text));
  const open = after.policies.filter(({ text }) => isUnknown(text) && !texts.has(text));
  const unclear = open.map(({ name }) => ({ ...widening(after.holder, name, 'what it allows is known only after apply'), undetermined: true }));
  // A boundary that did not exist limits more than none.
  if (after.isBoundary && !before) return unclear;
  const [was, becomes] = [statementsOf(before), statementsOf(after)];
  const allowed = partsWith('Allow', was);
  const denied = partsWith('Deny', becomes);
  const more = becomes.flatMap((statement) => {
    const parts = statement.parts.filter((part) => part.effect === 'Allow' && !allowed.some((outer) => covers(outer, part)));
    return parts.length > 0 ? [widening(after.holder, `${statement.id} (${statement.policy})`, `allows ${list(parts)}`)] : [];
  });
  const unknownNow = open.length > 0;
  const less = was.flatMap((statement) => {
    const parts = statement.parts.filter((part) => part.effect === 'Deny' && !denied.some((outer) => covers(outer, part)));
    if (parts.length === 0) return [];
    return [{ ...widening(after.holder, `${statement.id} (${statement.policy})`, `no longer denies ${list(parts)}`), undetermined: unknownNow }];
  });
  return [...unclear, ...more, ...less];
}

function newGrants(before: PolicyGroup | undefined, after: PolicyGroup): WiderStatement[] {
  const known = new Set(before?.grants?.map(withoutKey));
  return (after.grants ?? [])
    .filter((grant) => !known.has(withoutKey(grant)))
    .map(({ id, grantee, operations }) => widening(after.holder, `grant ${id}`, `lets ${grantee} ${operations.join(', ')}`));
}

/** The ARN of a key may be known on one side only. */
const withoutKey = ({ keyArn: _keyArn, ...grant }: Grant) => JSON.stringify(grant);

const widening = (holder: string, statement: string, change: string): WiderStatement => ({
  id: `${holder} | ${statement} | ${change}`,
  holder,
  statement,
  change,
  undetermined: false,
});

const partsWith = (effect: StatementPart['effect'], statements: readonly NamedStatement[]) =>
  statements.flatMap(({ parts }) => parts.filter((part) => part.effect === effect));

function statementsOf(group: PolicyGroup | undefined): NamedStatement[] {
  return (group?.policies ?? []).flatMap((policy) => {
    const { Version: version, Statement: statements } = documentOf(policy) ?? { Statement: [] };
    return many<StatementDocument>(statements).map((statement, index) => ({
      id: statement.Sid ?? `Statement[${index}]`,
      policy: policy.name,
      parts: partsOf(version === '2012-10-17' ? statement : withoutVariables(statement)),
    }));
  });
}

/** Before version 2012-10-17 there are no policy variables: the same letters mean something else. */
const withoutVariables = (statement: StatementDocument) => JSON.parse(JSON.stringify(statement).replaceAll('${', '$\u0001{')) as StatementDocument;

const SHOWN = 6;

/** Actions, then on what, for whom, and whether under a condition. */
function list(parts: readonly StatementPart[]): string {
  const shown = (values: readonly string[]) => {
    const unique = [...new Set(values)];
    return unique.length > SHOWN ? `${unique.slice(0, SHOWN).join(', ')} and ${unique.length - SHOWN} more` : unique.join(', ');
  };
  const text = (element: StatementPart['action']) => ('pattern' in element ? element.pattern : `everything but ${element.except.join(', ')}`);
  const principals = parts.map(({ principal }) => text(principal)).filter((principal) => principal !== '*');
  const everybody = parts.some(({ principal }) => 'pattern' in principal && principal.pattern === '*');
  const keys = parts.flatMap(({ condition }) => Object.values(condition).flatMap((tests) => Object.keys(tests)));
  return [
    shown(parts.map(({ action }) => text(action))),
    `on ${shown(parts.map(({ resource }) => text(resource)))}`,
    ...(principals.length > 0 || !everybody ? [`for ${shown(principals)}`] : []),
    ...(keys.length > 0 ? [`under conditions on ${shown(keys)}`] : []),
  ].join(' ');
}
