import { comparePaths, parseAcceptedPaths, pathLabel } from '../../access/escalation/accepted-paths';
import { escalationPaths } from '../../access/escalation/escalation-paths';
import { escalationStepsOf } from '../../access/escalation/escalation-steps';
import { type Deployment, policiesOf, policySourceId, withPolicies } from '../../access/graph/deployment';
import { actorsOf } from '../../access/matrix/actors';
import type { ActorId } from '../../access/matrix/ids';
import { operationsOf } from '../../access/matrix/operations';
import { deployment, readJson } from './fixtures';

/** The deployment with another Allow in a policy. */
function allowing(policyName: string, action: string, resource: string, more: object = {}): Deployment {
  const policy = policiesOf(deployment).find(({ name }) => name === policyName);
  if (!policy) throw new Error(`There is no policy ${policyName}`);
  const document = JSON.parse(policy.text) as { Statement: object[] };
  document.Statement.push({ Sid: 'OneMore', Effect: 'Allow', Action: action, Resource: resource, ...more });
  return withPolicies(deployment, new Map([[policySourceId(policy), JSON.stringify(document)]]));
}
const pathsOf = (actor: ActorId, changed: Deployment) => escalationPaths(changed, [actor]);

describe('escalation paths', () => {
  const accepted = parseAcceptedPaths(readJson('access/escalation/expected.json'));
  const paths = escalationPaths(deployment);

  it('are the accepted ones, in their order', () => {
    expect(paths).toEqual(accepted.map(({ reason: _reason, ...path }) => path));
  });

  it.each([
    ['without a reason', { reason: '  ' }, 'reason'],
    ['of an actor that is none', { actor: 'the root user' }, 'not the id of an actor'],
    ['to data that is none', { reads: 'Person' }, 'not the id of a table or queue'],
    ['by a step that is none', { steps: ['assume DBAccessRole'] }, 'not the id of a step'],
    ['with a member that is unknown', { who: 'root' }, 'who'],
  ])('are not accepted %s', (_what, change, message) => {
    const [first] = accepted;
    expect(() => parseAcceptedPaths([{ ...first, ...change }])).toThrow(message);
  });

  it('are compared with the accepted ones in every part', () => {
    const [first, ...others] = paths;
    expect(comparePaths(paths, accepted)).toEqual({ accepted, unexpected: [], stale: [] });
    expect(comparePaths(paths, accepted.slice(1)).unexpected).toEqual([first]);
    expect(comparePaths(others, accepted).stale).toEqual([accepted[0]]);
    const withOtherSteps = accepted.map((path, index) => (index === 0 ? { ...path, steps: [] } : path));
    expect(comparePaths(paths, withOtherSteps)).toMatchObject({ unexpected: [first], stale: [withOtherSteps[0]] });
  });

  it('of the first deployer may be gone', () => {
    const withoutFirst = paths.filter(({ actor }) => actor !== 'first-deployer');
    expect(withoutFirst.length).toBeLessThan(accepted.length);
    expect(comparePaths(withoutFirst, accepted)).toMatchObject({ unexpected: [], stale: [] });
  });

  it('read as sentences', () => {
    expect(pathLabel({ actor: 'root', reads: 'queue/people', steps: ['deployed-user/create-access-key', 'role/OperatorRole/assume'] })).toBe(
      'the root user reads people: make an access key of the deployed user, then assume OperatorRole',
    );
    expect(pathLabel({ actor: 'role/DBAccessRole', reads: 'table/Person', steps: [] })).toBe('DBAccessRole reads Person');
  });

  it.each<ActorId>([
    'role/DBAccessNotAllowedRole',
    'role/SQSAccessRole',
    'role/SQSAccessNotAllowedRole',
    'role/KeyManagerRole',
    'user/mfa/AllUsers-only',
    'anonymous',
    'foreign-administrator',
  ])('do not exist for %s', (actor) => {
    expect(actorsOf(deployment).map(({ id }) => id)).toContain(actor);
    expect(pathsOf(actor, deployment)).toEqual([]);
  });

  it('take steps by operations and actors of the matrix only', () => {
    const operations = new Set<string>(operationsOf(deployment).map(({ id }) => id));
    const actors = new Set<string>(actorsOf(deployment).map(({ id }) => id));
    const steps = escalationStepsOf(deployment);
    const needed = steps.flatMap(({ needs }) => needs.flat()).filter((need) => typeof need === 'string');
    expect(needed.filter((operation) => !operations.has(operation))).toEqual([]);
    const named = steps.flatMap(({ assumes, escalates, from }) => [assumes ?? [], escalates ?? [], from ?? []].flat());
    expect(named.filter((actor) => !actors.has(actor))).toEqual([]);
  });

  const ROLE = 'arn:aws:iam::111122223333:role/pipeline-';
  const NOT_ALLOWED = { Principal: { AWS: `${ROLE}DBAccessNotAllowedRole` } };
  it.each([
    ['to change a key policy', 'policy of key pipeline-table', 'kms:PutKeyPolicy', '*', NOT_ALLOWED, ['key/table/change-policy']],
    ['to create a grant', 'policy of key pipeline-table', 'kms:CreateGrant', '*', NOT_ALLOWED, ['key/table/create-grant']],
    ['to change a trust policy', 'pipeline-TableUser', 'iam:UpdateAssumeRolePolicy', `${ROLE}DBAccessRole`, {}, ['role/DBAccessRole/change-trust']],
    [
      'to take the key of the table',
      'pipeline-TableUser',
      'dynamodb:UpdateTable',
      'arn:aws:dynamodb:eu-west-1:111122223333:table/pipeline-Person',
      {},
      ['table/Person/change-key'],
    ],
  ])('appear with a permission %s', (_what, policy, action, resource, more, steps) => {
    const paths = pathsOf('role/DBAccessNotAllowedRole', allowing(policy, action, resource, more));
    expect(paths).toContainEqual({ actor: 'role/DBAccessNotAllowedRole', reads: 'table/Person', steps });
  });

  it('appear for the key managers as soon as they may write their own permissions', () => {
    expect(pathsOf('role/KeyManagerRole', deployment)).toEqual([]);
    const changed = allowing('pipeline-KeyManager', 'iam:PutRolePolicy', `${ROLE}KeyManagerRole`);
    const paths = pathsOf('role/KeyManagerRole', changed);
    expect(paths.map(({ reads }) => reads)).toEqual(['table/Person', 'queue/people-dead-letters', 'queue/people', 'logs/consumer']);
    expect(paths.every(({ steps }) => steps[0] === 'role/KeyManagerRole/write-policy' && steps.length <= 2)).toBe(true);
  });

  it('of the root user never lead through the trust policy of a role', () => {
    const steps = pathsOf('root', deployment).flatMap((path) => path.steps);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter((step) => step.endsWith('/change-trust'))).toEqual([]);
  });
});
