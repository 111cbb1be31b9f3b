import { formatArn } from '../../evaluator/arn';
import { type Grant, matchGrants } from '../../evaluator/grants';
import { compilePolicy, type PolicyKind } from '../../evaluator/policy/compile';
import { many, type OneOrMany, type PolicyDocument, type PrincipalElement, type StatementDocument } from '../../evaluator/policy/document';
import { accessRequest } from '../../evaluator/request';
import { isUnknown } from '../../evaluator/unknown';
import { type Deployment, type KeyModel, type PolicySource, policiesOf, policySourceId } from '../graph/deployment';
import type { Actor } from '../matrix/actors';
import type { OperationStep } from '../matrix/operation';
import { expandActions, type LeveledAction } from './expand-actions';

/** A permission as it is written: some actions on one resource pattern, for one principal, with the statement's conditions. */
export interface AllowingPart {
  /** Names of the policy and of the statement, as decisions give them. */
  readonly policy: string;
  readonly statement: string;
  readonly actions: readonly LeveledAction[];
  /** The resource pattern; `*` for one of NotResource. */
  readonly resource: string;
  /** The patterns of NotResource. */
  readonly exempt?: readonly string[];
  /** In the policy of a resource, and of a grant: who is named, as it is written. */
  readonly principal?: string;
  /** The actors who have the permission: of a resource's policy, those that it names themselves. */
  readonly actors: readonly Actor[];
  /** Whether it can apply to a request of an actor: what is not known counts as applying. */
  readonly applies: (actor: Actor, request: OperationStep) => boolean;
}

/** What the actors' own policies allow, part by part. */
export function ownParts(actors: readonly Actor[]): AllowingPart[] {
  const holders = new Map<string, Actor[]>();
  for (const actor of actors) {
    for (const { name, text } of actor.identity) holders.set(`${name}\n${text}`, [...(holders.get(`${name}\n${text}`) ?? []), actor]);
  }
  return [...holders].flatMap(([holding, who]) => {
    const end = holding.indexOf('\n');
    return partsOf({ name: holding.slice(0, end), text: holding.slice(end + 1), kind: 'identity' }, () => who).map((part) => ({
      ...part,
      applies: (actor: Actor, request: OperationStep) => who.includes(actor) && part.applies(actor, request),
    }));
  });
}

/** What the policies of resources, and the grants of keys, allow to those that they name. */
export function resourceParts(deployment: Deployment, actors: readonly Actor[]): AllowingPart[] {
  const ofPolicies = policiesOf(deployment)
    .filter(({ kind }) => kind !== 'identity')
    .flatMap((source) => partsOfSource(source, actors));
  return [...ofPolicies, ...deployment.keys.flatMap((key) => key.grants.flatMap((grant) => partsOfGrant(deployment, key, grant, actors)))];
}

function partsOfSource(source: PolicySource, actors: readonly Actor[]): AllowingPart[] {
  const sourceId = policySourceId(source);
  const named = (principal: PrincipalElement | undefined) => (principal === undefined ? [] : actors.filter((actor) => isNamed(actor, principal, source.kind)));
  return partsOf(source, named).map((part) => ({
    ...part,
    applies: (actor, request) => request.policy !== undefined && policySourceId(request.policy) === sourceId && part.applies(actor, request),
  }));
}

/** Whether a Principal element means the actor itself, rather than its account or everybody. */
function isNamed(actor: Actor, principal: PrincipalElement, kind: PolicyKind): boolean {
  const statement: StatementDocument = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...(kind === 'trust' ? {} : { Resource: '*' }) };
  const compiled = compilePolicy('principal', { Version: '2012-10-17', Statement: statement }, kind, { strict: false });
  const match = compiled.statements[0]?.principal?.(actor.principal);
  return match !== undefined && match.matched !== false && match.naming !== 'account' && match.naming !== 'everyone';
}

type NamedPolicy = Pick<PolicySource, 'name' | 'text' | 'kind'>;

/** The Allow statements of a policy, by resource and principal; one part for a policy that is not known yet. */
function partsOf(policy: NamedPolicy, holdersOf: (principal: PrincipalElement | undefined) => readonly Actor[]): AllowingPart[] {
  if (policy.text === '') return [];
  if (isUnknown(policy.text)) return [unknownPart(policy, holdersOf(undefined))];
  const document = JSON.parse(policy.text) as PolicyDocument;
  return many<StatementDocument>(document.Statement).flatMap((statement, index) => {
    if (statement.Effect !== 'Allow') return [];
    const actions = expandActions(statement);
    return resourcesOf(statement).flatMap(({ text: resource, element }) =>
      principalsOf(statement).map(({ text: principal, element: Principal }): AllowingPart => {
        const single: StatementDocument = { ...statement, ...element, ...(Principal === undefined ? {} : { Principal }) };
        return {
          policy: policy.name,
          statement: statement.Sid || `Statement[${index}]`,
          actions,
          resource,
          exempt: statement.NotResource === undefined ? undefined : many(statement.NotResource),
          principal,
          actors: holdersOf(Principal),
          applies: applier(policy, { ...document, Statement: single }),
        };
      }),
    );
  });
}

const unknownPart = ({ name }: NamedPolicy, actors: readonly Actor[]): AllowingPart => ({
  policy: name,
  statement: '(known only after apply)',
  actions: [{ action: '*', accessLevel: 'unknown' }],
  resource: '*',
  actors,
  applies: () => false,
});

/** Compiled when it is first asked: most parts of `*` never are. */
function applier({ name, kind }: NamedPolicy, document: PolicyDocument): AllowingPart['applies'] {
  let compiled: ReturnType<typeof compilePolicy> | undefined;
  return (actor, { action, resource, context }) => {
    compiled ??= compilePolicy(name, document, kind, { strict: false });
    const [statement] = compiled.statements;
    if (!statement || (statement.principal && statement.principal(actor.principal).matched === false)) return false;
    return isUnknown(resource) || statement.matches(accessRequest(actor.principal, action, resource, { ...actor.context, ...context })) !== false;
  };
}

interface SingleElement<Element> {
  readonly text: string;
  readonly element: Element;
}

function resourcesOf({ Resource, NotResource }: StatementDocument): SingleElement<Pick<StatementDocument, 'Resource'>>[] {
  // A trust policy has neither: its role is the resource.
  if (NotResource !== undefined || Resource === undefined) return [{ text: '*', element: {} }];
  return many(Resource).map((text) => ({ text, element: { Resource: text } }));
}

function principalsOf({ Principal }: StatementDocument): { readonly text?: string; readonly element?: PrincipalElement }[] {
  if (Principal === undefined) return [{}];
  if (typeof Principal === 'string') return [{ text: Principal, element: Principal }];
  return Object.entries(Principal).flatMap(([type, values]) =>
    many(values as OneOrMany<string>).map((value) => ({ text: type === 'AWS' ? value : `${type} ${value}`, element: { [type]: value } })),
  );
}

/** Grants are no statements, but allow just as these do. */
function partsOfGrant({ partition, account, region }: Deployment, key: KeyModel, grant: Grant, actors: readonly Actor[]): AllowingPart[] {
  const matches = (actor: Actor, { action, resource, context }: OperationStep, operations: readonly string[]) => {
    const { sure, unclear } = matchGrants(accessRequest(actor.principal, action, resource, { ...actor.context, ...context }), [{ ...grant, operations }]);
    return (sure ?? unclear) !== undefined;
  };
  return [
    {
      policy: `grants of key ${key.name}`,
      statement: `grant ${grant.id}`,
      actions: grant.operations.flatMap((operation) => expandActions({ Effect: 'Allow', Action: `kms:${operation}` })),
      resource: key.arn || formatArn({ partition, service: 'kms', region, account, resource: 'key/*' }),
      principal: grant.grantee,
      actors: actors.filter(({ principal }) => [principal.arn, principal.principalArn].includes(grant.grantee)),
      applies: (actor, request) => request.grants !== undefined && matches(actor, request, grant.operations),
    },
  ];
}
