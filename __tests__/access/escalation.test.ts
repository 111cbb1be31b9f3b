import { readFileSync } from 'node:fs';
import { escalationPaths } from '../../access/escalation/escalation-paths';
import { type Deployment, policiesOf, policySourceId, withPolicies } from '../../access/graph/deployment';
import { readDeployment } from '../../access/graph/read';
import { resourcesOf, type TerraformDocument } from '../../access/graph/terraform-json';

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const documents = ['identity', 'keys', 'dataplane'].map((stack) => json(`__tests__/access/fixtures/${stack}.json`) as TerraformDocument);
const deployment = readDeployment(documents.flatMap(resourcesOf));

/** The deployment with one more Allow in a policy. */
function allowing(policyName: string, action: string, resource: string, more: object = {}): Deployment {
  const policy = policiesOf(deployment).find(({ name }) => name === policyName);
  if (!policy) throw new Error(`There is no policy ${policyName}`);
  const document = JSON.parse(policy.text) as { Statement: object[] };
  document.Statement.push({ Sid: 'OneMore', Effect: 'Allow', Action: action, Resource: resource, ...more });
  return withPolicies(deployment, new Map([[policySourceId(policy), JSON.stringify(document)]]));
}
const pathsOf = (who: string, changed: Deployment) => escalationPaths(changed).filter((path) => path.who === who);

describe('paths to plaintext', () => {
  it('are the accepted ones, each with a reason', () => {
    const accepted = json('access/escalation/expected.json') as { who: string; reads: string; steps: string[]; reason: string }[];
    expect(escalationPaths(deployment)).toEqual(accepted.map(({ reason: _reason, ...path }) => path));
    expect(accepted.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  it('do not exist for the roles that must not read', () => {
    const who = new Set(escalationPaths(deployment).map((path) => path.who));
    for (const role of [
      'DBAccessNotAllowedRole',
      'SQSAccessRole',
      'SQSAccessNotAllowedRole',
      'KeyManagerRole',
      'a user with MFA in no group but AllUsers',
      'anonymous',
      'an administrator of another account',
    ]) {
      expect(who).not.toContain(role);
    }
  });

  const ROLE = 'arn:aws:iam::111122223333:role/pipeline-';
  const NOT_ALLOWED = { Principal: { AWS: `${ROLE}DBAccessNotAllowedRole` } };
  it.each([
    ['to change a key policy', 'policy of key pipeline-table', 'kms:PutKeyPolicy', '*', NOT_ALLOWED, ['change the policy of the key table']],
    ['to create a grant', 'policy of key pipeline-table', 'kms:CreateGrant', '*', NOT_ALLOWED, ['create a grant on the key table']],
    [
      'to change a trust policy',
      'pipeline-TableUser',
      'iam:UpdateAssumeRolePolicy',
      `${ROLE}DBAccessRole`,
      {},
      ['change the trust of DBAccessRole and assume it'],
    ],
    [
      'to take the key of the table',
      'pipeline-TableUser',
      'dynamodb:UpdateTable',
      'arn:aws:dynamodb:eu-west-1:111122223333:table/pipeline-Person',
      {},
      ['change the key of the table Person'],
    ],
  ])('appear with a permission %s', (_what, policy, action, resource, more, steps) => {
    const found = pathsOf('DBAccessNotAllowedRole', allowing(policy, action, resource, more));
    expect(found).toContainEqual({ who: 'DBAccessNotAllowedRole', reads: 'Person', steps });
  });

  it('appear for who maintains a key as soon as it may write its own permissions', () => {
    expect(pathsOf('KeyManagerRole', deployment)).toEqual([]);
    const changed = allowing('pipeline-KeyManager', 'iam:PutRolePolicy', `${ROLE}KeyManagerRole`);
    const found = pathsOf('KeyManagerRole', changed);
    expect(found.map(({ reads }) => reads)).toEqual(['Person', 'people-dead-letters', 'people']);
    expect(found.every(({ steps }) => steps[0] === 'write a policy of KeyManagerRole' && steps.length === 2)).toBe(true);
  });
});
