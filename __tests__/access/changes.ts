import { type Deployment, type PolicySource, policiesOf, policySourceId, withPolicies } from '../../access/graph/deployment';
import { deployment } from './fixtures';

/** Other statements for a policy, in addition to its own or instead of them. */
export interface StatementChange {
  readonly policy: string;
  readonly statements: readonly object[];
  readonly instead?: boolean;
}

/** The deployment with other statements in some policies. */
export function withStatements(changes: readonly StatementChange[], from: Deployment = deployment): Deployment {
  const texts = changes.map(({ policy: name, statements, instead }) => {
    const policy = policiesOf(from).find((candidate) => candidate.name === name);
    if (!policy) throw new Error(`There is no policy ${name}`);
    const document = JSON.parse(policy.text) as { Statement: object[] };
    return [policySourceId(policy), JSON.stringify({ ...document, Statement: [...(instead ? [] : document.Statement), ...statements] })] as const;
  });
  return withPolicies(from, new Map(texts));
}

/** A policy of IAM that is not deployed, by its name. */
export const managedPolicy = (name: string, statements: readonly object[]): PolicySource => ({
  id: `managed/${name}`,
  address: `aws_iam_policy.${name}`,
  attribute: 'policy',
  name,
  kind: 'identity',
  text: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
});

/** The deployment in which one role is another. */
export const withRole = (
  name: string,
  change: (role: Deployment['roles'][number]) => Deployment['roles'][number],
  from: Deployment = deployment,
): Deployment => ({
  ...from,
  roles: from.roles.map((role) => (role.name === name ? change(role) : role)),
});

/** An Allow with a Sid of its own. */
export const allow = (action: string | readonly string[], resource: string | readonly string[] = '*', more: object = {}) => ({
  Sid: 'Tested',
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
