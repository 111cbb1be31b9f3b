import fc from 'fast-check';
import { notFollowed, parseHarmlessActions } from '../../access/escalation/not-followed';
import { policySourceId, withPolicies } from '../../access/graph/deployment';
import { permissionLine } from '../../access/permissions/permission-lines';
import { actionsOf } from '../../evaluator/request-space/service-catalog';
import { accessLevelOf } from '../../evaluator/service-data/service-data';
import { UNKNOWN } from '../../evaluator/unknown';
import { allow, type StatementChange, withStatements } from './changes';
import { deployment, readJson } from './fixtures';

const harmless = parseHarmlessActions(readJson('access/escalation/harmless-actions.json'));
const ROLE = 'role/OperatorRole';
const OWN_USER = `arn:aws:iam::111122223333:user/\${aws:username}`;

const tested = (...changes: StatementChange[]) => notFollowed(withStatements(changes), harmless).filter(({ statement }) => statement === 'Tested');
const operator = (...statements: readonly object[]): StatementChange => ({ policy: 'pipeline-Operator', statements });

describe('what no step of escalation follows', () => {
  it('is of this deployment what administrators may do, and the use of the logs key by CloudWatch Logs', () => {
    const lines = notFollowed(deployment, harmless).map((permission) => permissionLine(permission, false).replace(/[\d,]+ actions of \d+/, 'N actions of N'));
    expect(lines).toEqual([
      'AdminRole: Permissions management: N actions of N services on *, by EverythingForAdministrators (pipeline-Admin)',
      'AdminRole: Write: N actions of N services on *, by EverythingForAdministrators (pipeline-Admin)',
      'an administrator with MFA, the first deployer, the root user: Permissions management: N actions of N services on *, by Everything (everything)',
      'an administrator with MFA, the first deployer, the root user: Write: N actions of N services on *, by Everything (everything)',
      'CloudWatch Logs: Write: kms:Decrypt, kms:ReEncryptFrom on *, by LogsOfConsumerOnly (policy of key pipeline-logs)',
    ]);
  });

  it('is named with actor, statement and level, unless it only reads', () => {
    expect(tested(operator(allow(['s3:PutBucketPolicy', 's3:PutObject', 's3:GetObject'], 'arn:aws:s3:::any*')))).toEqual([
      expect.objectContaining({ actors: [ROLE], policy: 'pipeline-Operator', accessLevel: 'Permissions management', actions: ['s3:PutBucketPolicy'] }),
      expect.objectContaining({ actors: [ROLE], accessLevel: 'Write', actions: ['s3:PutObject'] }),
    ]);
  });

  it.each([
    ['on a queue that is not deployed', 'sqs:AddPermission', 'arn:aws:sqs:eu-west-1:111122223333:other'],
    ['on a function that is not deployed', 'lambda:UpdateFunctionCode', 'arn:aws:lambda:eu-west-1:111122223333:function:other'],
    ['of a role of another account', 'sts:AssumeRole', 'arn:aws:iam::999988887777:role/other'],
  ])('is what a step follows, but %s', (_what, action, resource) => {
    expect(tested(operator(allow(action, resource)))).toMatchObject([{ actions: [action], resources: [resource] }]);
    expect(tested(operator(allow(action)))).toEqual([]);
  });

  it('is not what an actor can never do', () => {
    expect(tested(operator(allow('s3:PutObject'), { Effect: 'Deny', Action: 's3:*', Resource: '*' }))).toEqual([]);
  });

  it('is tagging only where a policy tests tags', () => {
    const tagging = allow('sqs:TagQueue');
    expect(tested(operator(tagging))).toEqual([]);
    const byTag = allow('s3:GetObject', '*', { Sid: 'ByTag', Condition: { StringEquals: { 'aws:ResourceTag/team': 'x' } } });
    expect(tested(operator(tagging, byTag))).toMatchObject([{ accessLevel: 'Tagging', actions: ['sqs:TagQueue'] }]);
  });

  it('is everything where a policy is not known yet', () => {
    const [policy] = deployment.roles.find(({ name }) => name.endsWith('OperatorRole'))?.policies ?? [];
    if (!policy) throw new Error('the role has no policy');
    const unknown = notFollowed(withPolicies(deployment, new Map([[policySourceId(policy), UNKNOWN]])), harmless);
    expect(unknown).toContainEqual(expect.objectContaining({ actors: [ROLE], policy: policy.name, accessLevel: 'unknown', actions: ['*'] }));
  });

  it('is named of everybody whom the policy of a resource lets do it', () => {
    const everybody = allow('kms:Sign', '*', { Principal: '*' });
    expect(tested({ policy: 'policy of key pipeline-table', statements: [everybody] })).toMatchObject([{ principals: ['*'], actions: ['kms:Sign'] }]);
  });
});

describe('harmless actions', () => {
  it('exist, change something, and stand in the list once', () => {
    const listed = harmless.flatMap(({ actions, own }) => actions.map((action) => ({ action, own })));
    expect(listed.length).toBeGreaterThan(50);
    for (const { action } of listed) expect([action, accessLevelOf(action)]).toEqual([action, expect.stringMatching(/^(Write|Permissions management)$/)]);
    expect(listed.map(({ action }) => action)).toHaveLength(new Set(listed.map(({ action }) => action)).size);
  });

  it('of one’s own user are not harmless on others', () => {
    const users = (resource: string): StatementChange => ({ policy: 'pipeline-AllUsers/AllUsers', statements: [allow('iam:UpdateAccessKey', resource)] });
    expect(tested(users(OWN_USER))).toEqual([]);
    expect(tested(users('arn:aws:iam::111122223333:user/ann'))).toMatchObject([{ actions: ['iam:UpdateAccessKey'] }]);
    expect(tested(users('*'))).toMatchObject([{ actions: ['iam:UpdateAccessKey'] }]);
  });

  it.each([
    ['without a reason', { reason: ' ' }, 'reason'],
    ['that are patterns', { actions: ['sqs:*'] }, 'not an action'],
    ['with a member that is unknown', { except: [] }, 'except'],
  ])('are not read %s', (_what, change, message) => {
    expect(() => parseHarmlessActions([{ actions: ['sqs:SendMessage'], reason: 'It sends.', ...change }])).toThrow(message);
  });
});

it('every action that changes something is harmless, followed, or named wherever it is allowed', () => {
  const services = ['iam', 'sqs', 'dynamodb', 'lambda', 'kms', 'logs', 'sts', 's3', 'ec2', 'backup', 'states', 'events'];
  const changing = services.flatMap(actionsOf).filter(({ name }) => /^(Write|Permissions management)$/.test(accessLevelOf(name) ?? ''));
  const namedOn = (actions: readonly string[], resource: string) =>
    new Set(tested(operator(allow(actions, resource))).flatMap((permission) => permission.actions));
  const isHarmless = new Set(harmless.flatMap(({ actions, own }) => (own ? [] : actions)));
  const onAll = namedOn(
    services.map((service) => `${service}:*`),
    '*',
  );
  const followed = changing.map(({ name }) => name).filter((name) => !onAll.has(name) && !isHarmless.has(name));
  expect(followed).toEqual(expect.arrayContaining(['iam:AddUserToGroup', 'dynamodb:ExportTableToPointInTime', 'lambda:AddPermission', 'sqs:RemovePermission']));
  expect(followed.length).toBeLessThan(changing.length / 5);
  // On a resource that is none of the deployment's, an action is named unless it is harmless or followed anywhere.
  fc.assert(
    fc.property(fc.constantFrom(...changing), ({ name, templates }) => {
      const resource = templates[0]?.replaceAll('*', 'other').replace('arn:other', 'arn:aws') ?? '*';
      if (onAll.has(name)) expect(namedOn([name], resource)).toEqual(new Set([name]));
      if (isHarmless.has(name)) expect(namedOn([name], resource)).toEqual(new Set());
    }),
    { numRuns: 20 },
  );
});
