import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import { allowingEverything } from '../../evaluator/request-space/compare';
import { type AccessModel, type HeldPolicy, mapPolicies } from '../model/access-model';
import { compiledDocument } from './sides';

/** A model in which nothing is denied: it shows what statements allow, also where others deny it. */
export const withoutDenials = (model: AccessModel | undefined): AccessModel | undefined =>
  model && mapPolicies(model, (policy) => changed(policy, ({ Effect }) => Effect === 'Allow', undefined));

/** A model in which keys and roles leave every decision to the account: it shows what policies of identities allow by themselves. */
export function withDelegation(model: AccessModel | undefined): AccessModel | undefined {
  const allows = withoutDenials(model);
  return (
    allows && {
      ...allows,
      resources: allows.resources.map((resource) => ({ ...resource, policy: resource.policy && delegation(resource.policy, allows.account) })),
    }
  );
}

function delegation(policy: HeldPolicy, account: string): HeldPolicy {
  const statement = { Sid: 'Delegation', Effect: 'Allow', Principal: { AWS: account } } as const;
  if (policy.kind === 'trust') return { ...policy, text: JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, Action: 'sts:*' } }) };
  if (policy.kind === 'key') return { ...policy, text: JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, Action: 'kms:*', Resource: '*' } }) };
  return policy;
}

/** A model in which everything is allowed that no statement denies: it shows what statements deny, also where nothing allows it. */
export function withoutLimits(model: AccessModel | undefined): AccessModel | undefined {
  if (model === undefined) return undefined;
  const denials = mapPolicies(model, (policy) => changed(policy, ({ Effect }) => Effect === 'Deny', everythingFor(policy)));
  return {
    ...denials,
    identities: denials.identities.map((identity) => ({ ...identity, boundary: [], policies: [...identity.policies, EVERYTHING] })),
    groups: denials.groups.map((group) => ({ ...group, policies: [...group.policies, EVERYTHING] })),
  };
}

const EVERYTHING: HeldPolicy = {
  address: '',
  attribute: '',
  name: 'everything',
  kind: 'identity',
  text: JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }),
};

function everythingFor({ kind }: HeldPolicy): StatementDocument | undefined {
  const [statement] = many(allowingEverything({ Version: '2012-10-17', Statement: [] }, kind).Statement);
  return kind === 'identity' ? undefined : statement;
}

function changed(policy: HeldPolicy, keeps: (statement: StatementDocument) => boolean, more: StatementDocument | undefined): HeldPolicy {
  const compiled = compiledDocument(policy);
  if (compiled === undefined) return policy;
  const statements = many<StatementDocument>(compiled.document.Statement).map((statement) => (keeps(statement) ? statement : inert(statement)));
  const document: PolicyDocument = { ...compiled.document, Statement: more ? [...statements, more] : statements };
  return { ...policy, text: JSON.stringify(document) };
}

/** The statement under a condition that no request meets: the others keep their positions, which name them. */
const inert = (statement: StatementDocument): StatementDocument => ({
  ...statement,
  Condition: { Null: { 'aws:PrincipalType': 'true', 'aws:SecureTransport': 'true' } },
});
