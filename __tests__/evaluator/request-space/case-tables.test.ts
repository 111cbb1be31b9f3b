import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AccessCase } from '../../../evaluator/cases';
import {
  type AccessRequest,
  accessRequest,
  accountOf,
  compilePolicy,
  evaluate,
  type PolicyDocument,
  parsePrincipal,
  type StatementDocument,
} from '../../../evaluator/index';
import { comparePolicies } from '../../../evaluator/request-space/compare';
import { type DocumentKind, environmentsOf, policySet } from '../../../evaluator/request-space/environment';
import { valueOfPrincipal } from '../../../evaluator/request-space/key-table';
import { readStatements } from '../../../evaluator/request-space/statement-reading';

const FOLDER = 'evaluator/case-tables';
const cases = readdirSync(FOLDER).flatMap((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as AccessCase[]);

/** One policy of a case, and the case's request. */
interface OneRequest {
  readonly name: string;
  readonly kind: DocumentKind;
  readonly document: PolicyDocument;
  readonly request: AccessRequest;
}

function requestsOf({ name, request, policies }: AccessCase): readonly OneRequest[] {
  const roleArn = request.context?.['aws:PrincipalArn'];
  const principal = parsePrincipal(request.principal, typeof roleArn === 'string' ? roleArn : undefined);
  if (principal === undefined) return [];
  // A comparison takes the Region from the ARN.
  if (Object.keys(request.context ?? {}).some((key) => key.toLowerCase() === 'aws:requestedregion')) return [];
  const asked = accessRequest(principal, request.action, request.resource, request.context);
  const service = request.action.split(':')[0]?.toLowerCase();
  const resourceKind = service === 'kms' ? 'key' : service === 'sts' ? 'trust' : 'resource';
  const identity = principal.kind === 'user' || principal.kind === 'role' || principal.kind === 'session' ? (policies.identity ?? []) : [];
  const all = [
    ...identity.map((document) => ({ kind: 'identity' as const, document })),
    ...(policies.resource ? [{ kind: resourceKind as DocumentKind, document: policies.resource }] : []),
  ];
  return all
    .filter(({ kind, document }) => isUsable(kind, document))
    .map((policy, index) => ({ ...policy, name: `${name}, policy ${index + 1}`, request: asked }));
}

function isUsable(kind: DocumentKind, document: PolicyDocument): boolean {
  try {
    compilePolicy('policy', document, kind);
    return !JSON.stringify(document).includes('\\u0000');
  } catch {
    return false;
  }
}

/** The operators by which a key is pinned to a value, by the family of the others that compare it. */
const UNEQUAL: Readonly<Record<string, string>> = { number: 'NumericNotEquals', date: 'DateNotEquals', address: 'NotIpAddress' };

/** The keys that a policy compares, or takes in as variables. */
function testedKeys(document: PolicyDocument, kind: DocumentKind): ReadonlyMap<string, string> {
  const statements = readStatements(compilePolicy('policy', document, kind), document, 0, kind === 'identity' ? 'identity' : 'resource');
  const variables = statements.flatMap((statement) => statement.variables.map((key) => [key, 'text'] as const));
  return new Map([...variables, ...statements.flatMap(({ tests }) => tests.map(({ key, family }) => [key, family] as const))]);
}

/** The policy, reduced to the one request by denying all others. */
function reduced({ kind, document, request }: OneRequest): PolicyDocument {
  const { principal, action, resource, context } = request;
  const conditions: NonNullable<StatementDocument['Condition']>[] = [];
  const { kind: callerKind, principalArn } = principal;
  const fixed = callerKind === 'service' ? 'aws:PrincipalServiceName' : callerKind === 'anonymous' ? 'aws:PrincipalType' : 'aws:PrincipalArn';
  conditions.push({ StringNotEquals: { [fixed]: callerKind === 'anonymous' ? 'Anonymous' : principalArn } });
  for (const [key, family] of testedKeys(document, kind)) {
    if (valueOfPrincipal(key, principal) !== undefined) continue;
    const values = context.get(key);
    if (values === undefined) conditions.push({ Null: { [key]: 'false' } });
    else if (values.length === 1) conditions.push({ [UNEQUAL[family] ?? 'StringNotEquals']: { [key]: values[0] ?? '' } });
  }
  const everybody = kind === 'identity' ? {} : ({ Principal: '*' } as const);
  const onAll = kind === 'trust' ? {} : ({ Resource: '*' } as const);
  const others: StatementDocument[] = [
    ...(kind === 'trust' ? [] : [{ Effect: 'Deny' as const, ...everybody, NotAction: action, ...onAll }]),
    ...(kind === 'trust' || resource === '*' ? [] : [{ Effect: 'Deny' as const, ...everybody, Action: '*', NotResource: resource }]),
    ...conditions.map((Condition) => ({ Effect: 'Deny' as const, ...everybody, Action: kind === 'trust' ? 'sts:*' : '*', ...onAll, Condition })),
  ];
  return { ...document, Statement: [...[document.Statement].flat(), ...others] };
}

const NOTHING: Record<DocumentKind, StatementDocument> = {
  identity: { Effect: 'Deny', Action: '*', Resource: '*' },
  resource: { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' },
  key: { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' },
  trust: { Effect: 'Deny', Principal: '*', Action: 'sts:*' },
};

/** Whether the policy allows the request where one that allows nothing does not, in any environment. */
function allows({ kind, document, request }: OneRequest): boolean {
  const policies = [compilePolicy('policy', document, kind), compilePolicy('nothing', { Version: '2012-10-17', Statement: NOTHING[kind] }, kind)];
  const account = request.context.get('aws:resourceaccount')?.[0] ?? accountOf(request.resource);
  return environmentsOf(kind, request.principal, request.action, account).some((environment) => {
    const [outcome, otherwise] = policies.map((policy) => evaluate(request, policySet(kind, policy, environment)).outcome);
    return outcome === 'allowed' && otherwise !== 'allowed';
  });
}

const all = cases.flatMap(requestsOf).filter((asked) => isUsable(asked.kind, reduced(asked)));
/** A key with several values cannot be pinned to them, nor a principal to one session of its role. */
const isPinned = ({ document, request, kind }: OneRequest) =>
  request.principal.kind !== 'session' && [...testedKeys(document, kind).keys()].every((key) => (request.context.get(key)?.length ?? 1) === 1);
/** No operator pins a key to other bytes than those given. */
const hasBinary = ({ document, kind }: OneRequest) => [...testedKeys(document, kind).values()].includes('binary');

describe('a policy reduced to one request of the case tables', () => {
  it('is there for most of the cases', () => {
    expect(all.length).toBeGreaterThan(cases.length / 2);
  });

  it.each(all.map((asked) => [asked.name, asked] as const))('%s', (_name, asked) => {
    const isAllowed = allows({ ...asked, document: reduced(asked) });
    const { relation, undetermined } = comparePolicies(
      reduced(asked),
      { Version: '2012-10-17', Statement: NOTHING[asked.kind] },
      { kind: asked.kind, resources: 'any' },
    );
    if (isAllowed && !hasBinary(asked)) expect({ relation, undetermined }).toEqual({ relation: 'first allows more', undetermined: [] });
    else if (relation !== 'undetermined' && isPinned(asked)) expect({ relation, isAllowed }).toEqual({ relation: 'equal', isAllowed: false });
  });
});
