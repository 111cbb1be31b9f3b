import fc from 'fast-check';
import type { Deployment } from '../../access/graph/deployment';
import { type Actor, actorsOf } from '../../access/matrix/actors';
import { operationsOf } from '../../access/matrix/operations';
import { otherPermissions } from '../../access/permissions/other-permissions';
import { permissionLine } from '../../access/permissions/permission-lines';
import { type Permission, permissionsBeyond } from '../../access/permissions/permissions-beyond';
import { PolicyError } from '../../evaluator/errors';
import { evaluate } from '../../evaluator/evaluate';
import { matchesGlob } from '../../evaluator/glob';
import { compilePolicy } from '../../evaluator/policy/compile';
import type { StatementDocument } from '../../evaluator/policy/document';
import { accessRequest } from '../../evaluator/request';
import { actionsOf } from '../../evaluator/request-space/service-catalog';
import { canActOn } from '../../evaluator/service-data/check';
import { allow, managedPolicy, withStatements as withAll, withRole } from './changes';
import { deployment } from './fixtures';

const ROLE = 'role/OperatorRole';

const withStatements = (policy: string, statements: readonly object[], keep = false): Deployment => withAll([{ policy, statements, instead: !keep }]);

const withBoundary = (changed: Deployment, statements: readonly object[]): Deployment =>
  withRole('pipeline-OperatorRole', (role) => ({ ...role, boundary: managedPolicy('boundary', statements) }), changed);

function actorOf(changed: Deployment, id = ROLE): Actor {
  const actor = actorsOf(changed).find((candidate) => candidate.id === id);
  if (!actor) throw new Error(`There is no actor ${id}`);
  return actor;
}

const testedOf = (changed: Deployment): Permission[] => otherPermissions(changed).filter(({ statement }) => statement === 'Tested');

describe('other permissions', () => {
  it('expand patterns by the service data, with access levels', () => {
    const listed = testedOf(withStatements('pipeline-Operator', [allow('iam:*LoginProfile')], true));
    expect(listed).toEqual([
      expect.objectContaining({
        actors: [ROLE],
        policy: 'pipeline-Operator',
        accessLevel: 'Write',
        actions: ['iam:CreateLoginProfile', 'iam:DeleteLoginProfile', 'iam:UpdateLoginProfile'],
      }),
      expect.objectContaining({ accessLevel: 'List', actions: ['iam:GetLoginProfile'] }),
    ]);
  });

  it('leave out what an operation asks about, and only that', () => {
    const queue = 'arn:aws:sqs:eu-west-1:111122223333:pipeline-people';
    expect(testedOf(withStatements('pipeline-Operator', [allow('sqs:ReceiveMessage', queue)], true))).toEqual([]);
    // The same action on a queue that no operation asks about, and under a condition that no request of the matrix meets.
    expect(testedOf(withStatements('pipeline-Operator', [allow('sqs:ReceiveMessage', [queue, `${queue}-2`])], true))).toMatchObject([
      { actions: ['sqs:ReceiveMessage'], resources: [`${queue}-2`] },
    ]);
    const elsewhere = { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } };
    expect(testedOf(withStatements('pipeline-Operator', [allow('sqs:ReceiveMessage', queue, elsewhere)], true))).toMatchObject([
      { actions: ['sqs:ReceiveMessage'], resources: [queue] },
    ]);
  });

  it('leave out what an actor can never do', () => {
    const [createUser, everything] = [allow('iam:CreateLoginProfile'), { Effect: 'Allow', Action: '*', Resource: '*' }];
    const deny = { Effect: 'Deny', Action: 'iam:*', Resource: '*' };
    expect(testedOf(withStatements('pipeline-Operator', [createUser, deny], true))).toEqual([]);
    expect(testedOf(withBoundary(withStatements('pipeline-Operator', [createUser], true), [{ ...everything, Action: 'sqs:*' }]))).toEqual([]);
    // A Deny of one user, or under a condition, leaves others.
    const user = 'arn:aws:iam::111122223333:user/ann';
    expect(testedOf(withStatements('pipeline-Operator', [createUser, { ...deny, Resource: user }], true))).toHaveLength(1);
    const sometimes = { ...deny, Condition: { StringEquals: { 'aws:PrincipalTag/team': 'x' } } };
    expect(testedOf(withStatements('pipeline-Operator', [createUser, sometimes], true))).toHaveLength(1);
    expect(testedOf(withBoundary(withStatements('pipeline-Operator', [createUser], true), [everything]))).toHaveLength(1);
    const directly = { ...deny, Condition: { Bool: { 'aws:ViaAWSService': 'false' } } };
    expect(testedOf(withStatements('pipeline-Operator', [createUser, directly], true))).toHaveLength(1);
    // Users without MFA are denied the rest.
    const [ofUsers] = testedOf(withStatements('pipeline-AllUsers/AllUsers', [createUser], true));
    expect(ofUsers?.actors).toEqual(['user/mfa', 'user/mfa/AllUsers-only', 'user/mfa/KeyManagers']);
  });

  it.each([
    ['a role', { AWS: 'arn:aws:iam::111122223333:role/pipeline-DBAccessRole' }, ['role/DBAccessRole'], 'arn:aws:iam::111122223333:role/pipeline-DBAccessRole'],
    ['another account', { AWS: '999988887777' }, [], '999988887777'],
    ['everybody', '*', [], '*'],
  ] as const)('of the policies of resources name %s', (_what, principal, actors, named) => {
    const statement = allow('kms:Sign', '*', { Principal: principal });
    expect(testedOf(withStatements('policy of key pipeline-table', [statement], true))).toMatchObject([
      { actors, principals: [named], policy: 'policy of key pipeline-table', accessLevel: 'Write', actions: ['kms:Sign'] },
    ]);
  });

  it('name who is federated, whom no operation of the matrix asks about', () => {
    const statement = {
      Sid: 'Tested',
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
    };
    expect(testedOf(withStatements('trust of pipeline-DBAccessRole', [statement], true))).toMatchObject([
      { principals: ['Federated arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'], actions: ['sts:AssumeRoleWithWebIdentity'] },
    ]);
  });

  it('name an action that the service data do not know as it is written', () => {
    const statement = { Sid: 'Tested', Effect: 'Allow', Action: ['sqs:EmptyQueue', 'newservice:*'], Resource: '*' } as const;
    const policy = compilePolicy('new', { Version: '2012-10-17', Statement: statement }, 'identity', { strict: false });
    const actor = { ...actorOf(deployment), identity: [policy] };
    const listed = permissionsBeyond(deployment, [actor], { requests: [] }).filter((permission) => permission.policy === 'new');
    expect(listed).toMatchObject([{ actors: [ROLE], accessLevel: 'unknown', actions: ['sqs:EmptyQueue', 'newservice:*'] }]);
    expect(listed.map((permission) => permissionLine(permission, false))).toEqual([
      'OperatorRole: unknown access level: sqs:EmptyQueue, newservice:* on *, by Tested (new)',
    ]);
  });

  it('read as a line, long lists counted unless they are to be whole', () => {
    const [write] = testedOf(withStatements('pipeline-Operator', [allow('ec2:*')], true)).filter(({ accessLevel }) => accessLevel === 'Write');
    if (!write) throw new Error('nothing is listed');
    expect(permissionLine(write, false)).toMatch(/^OperatorRole: Write: \d+ actions of ec2 on \*, by Tested \(pipeline-Operator\)$/);
    expect(permissionLine(write, true)).toContain('ec2:RunInstances, ');
  });
});

describe('with random policies', () => {
  const requests = operationsOf(deployment).flatMap(({ steps }) => steps);
  const asked = new Set(requests.map(({ action }) => action.toLowerCase()));
  const SERVICES = ['iam', 'sqs', 'dynamodb', 'lambda', 'kms', 's3', 'logs', 'sts', 'ec2', 'backup', 'states'];
  const catalog = SERVICES.flatMap(actionsOf);
  const anyAction = fc.constantFrom(...catalog);
  const patternOf = (name: string) => {
    const [service = '', action = ''] = name.split(':');
    return fc.oneof(
      { arbitrary: fc.constantFrom(name, name.toLowerCase(), `${service}:*`), weight: 6 },
      { arbitrary: fc.constant('*'), weight: 1 },
      { arbitrary: fc.integer({ min: 1, max: action.length }).map((length) => `${service}:${action.slice(0, length)}*`), weight: 6 },
    );
  };
  const fill = (template: string) =>
    template
      .replace(/\*/g, 'x')
      .replace(/^arn:x:/, 'arn:aws:')
      .replace(/^(arn:aws:[^:]*:)x:x:/, '$1eu-west-1:111122223333:')
      .replace(/^(arn:aws:[^:]*:[^:]*:)x:/, '$1111122223333:');
  const condition = fc.constantFrom(
    {},
    {},
    { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'x' } } },
    { Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
  );
  const statement = anyAction.chain((action) =>
    fc.record({
      pattern: patternOf(action.name),
      not: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
      resource: fc.constantFrom('*', ...action.templates.map(fill), ...action.templates.map((template) => `${fill(template).slice(0, -1)}*`)),
      effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
      condition,
    }),
  );
  const asDocument = ({
    pattern,
    not,
    resource,
    effect,
    condition: more,
  }: {
    pattern: string;
    not: boolean;
    resource: string;
    effect: string;
    condition: object;
  }) => {
    return {
      Effect: effect,
      ...(not && pattern !== '*' ? { NotAction: pattern, Resource: '*' } : { Action: pattern, Resource: resource }),
      ...more,
    } as StatementDocument;
  };

  /** The role with random policies; nothing when the compiler refuses them as mistaken: these cannot be deployed. */
  function deployed(statements: readonly StatementDocument[], limit: readonly StatementDocument[] | undefined) {
    try {
      const changed = withStatements('pipeline-Operator', statements);
      const limited = limit ? withBoundary(changed, limit) : changed;
      return { changed: limited, actor: actorOf(limited) };
    } catch (error) {
      if (error instanceof PolicyError) return undefined;
      throw error;
    }
  }

  const isAllowed = ({ principal, identity, boundary, context }: Actor, action: string, resource: string) =>
    // Needs no permission.
    action !== 'sts:GetCallerIdentity' &&
    evaluate(accessRequest(principal, action, resource, { ...context, 'aws:PrincipalTag/team': 'x' }), { identity, boundary }).outcome === 'allowed';

  it('every action that the evaluator allows to a role is asked about by the matrix, or listed', () => {
    let allowedCount = 0;
    const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(statements, fc.option(statements, { freq: 3 }), fc.array(anyAction, { maxLength: 30 }), (drafts, limit, probes) => {
        const role = deployed(drafts.map(asDocument), limit?.map(asDocument));
        if (!role) return;
        const listed = new Set(permissionsBeyond(role.changed, [role.actor], { requests }).flatMap(({ actions }) => actions));
        const named = catalog.filter(({ name }) => drafts.some(({ pattern }) => matchesGlob(pattern.toLowerCase(), name.toLowerCase())));
        const patterns = drafts.map(({ resource }) => resource.replace(/\*/g, 'x'));
        for (const { name, templates } of [...probes, ...named.filter((_, index) => index % Math.ceil(named.length / 40) === 0)]) {
          const resources = templates.length > 0 ? [...templates.map(fill), ...patterns.filter((resource) => canActOn(name, resource))] : ['*'];
          for (const resource of resources.filter((candidate) => isAllowed(role.actor, name, candidate))) {
            allowedCount += 1;
            expect({ name, resource, known: asked.has(name.toLowerCase()) || listed.has(name) }).toEqual({ name, resource, known: true });
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(allowedCount).toBeGreaterThan(100);
  });
});
