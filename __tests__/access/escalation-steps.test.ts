import { escalationPaths } from '../../access/escalation/escalation-paths';
import { escalationStepsOf } from '../../access/escalation/escalation-steps';
import type { Deployment } from '../../access/graph/deployment';
import type { ActorId, DataId } from '../../access/matrix/ids';
import { accessLevelOf } from '../../evaluator/service-data/service-data';
import { allow, managedPolicy, type StatementChange, withRole, withStatements } from './changes';
import { deployment } from './fixtures';

const ACCOUNT = 'arn:aws:iam::111122223333';
const [ROLE, POLICY, GROUP] = ['role', 'policy', 'group'].map((kind) => `${ACCOUNT}:${kind}/pipeline-`);
const TABLE = 'arn:aws:dynamodb:eu-west-1:111122223333:table/pipeline-Person';
const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:pipeline-people';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:pipeline-consumer';
const LOGS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/pipeline-consumer';
const KEY_ALIAS = 'arn:aws:kms:eu-west-1:111122223333:alias/pipeline-table';

const NOBODY = 'role/DBAccessNotAllowedRole';
const named = { Principal: { AWS: `${ROLE}DBAccessNotAllowedRole` } };
/** Statements of the policy that a role has which reads nothing. */
const own = (...statements: readonly object[]): StatementChange[] => [{ policy: 'pipeline-TableUser', statements }];
const keyPolicy = (key: string, action: string, more: object = {}): StatementChange[] => [
  { policy: `policy of key pipeline-${key}`, statements: [allow(action, '*', { ...named, ...more })] },
];
const trustOf = (role: string, principal: object, action = 'sts:AssumeRole'): StatementChange[] => [
  { policy: `trust of pipeline-${role}`, statements: [{ Sid: 'Tested', Effect: 'Allow', Principal: principal, Action: action }] },
];
const elsewhere = allow('dynamodb:Scan', '*', { Sid: 'Elsewhere' });
const pass = (service: string, role: string) =>
  allow('iam:PassRole', `${ROLE}${role}`, { Sid: 'Pass', Condition: { StringEquals: { 'iam:PassedToService': service } } });

/** The steps by which an actor comes to read some data; nothing when it does not. */
const stepsOf = (changed: Deployment, reads: DataId, actor: ActorId = NOBODY) => escalationPaths(changed, [actor]).find((path) => path.reads === reads)?.steps;

describe('steps of escalation', () => {
  it('ask about actions that AWS has', () => {
    const needs = escalationStepsOf(deployment).flatMap((step) => step.needs.flat());
    const actions = needs.flatMap((need) => (typeof need === 'string' ? [] : 'anyOf' in need ? need.anyOf : [need.action]));
    expect(actions.length).toBeGreaterThan(100);
    expect([...new Set(actions)].filter((action) => accessLevelOf(action) === undefined)).toEqual([]);
  });

  it.each<[string, StatementChange[], DataId, readonly string[]]>([
    [
      'iam:AddUserToGroup',
      own(allow('iam:AddUserToGroup', `${GROUP}AssumeAllRoles`)),
      'table/Person',
      ['group/AssumeAllRoles/add-user', 'role/DBAccessRole/assume'],
    ],
    [
      'iam:AttachRolePolicy',
      own(allow('iam:AttachRolePolicy', `${ROLE}DBAccessNotAllowedRole`)),
      'table/Person',
      ['role/DBAccessNotAllowedRole/attach-policy', 'role/DBAccessRole/change-trust'],
    ],
    [
      'iam:CreatePolicyVersion',
      own(allow('iam:CreatePolicyVersion', `${POLICY}TableUser`)),
      'table/Person',
      ['policy/TableUser/change', 'role/DBAccessRole/change-trust'],
    ],
    [
      'iam:SetDefaultPolicyVersion',
      own(allow('iam:SetDefaultPolicyVersion', `${POLICY}TableUser`)),
      'table/Person',
      ['policy/TableUser/set-version', 'role/DBAccessRole/change-trust'],
    ],
    ['iam:CreateLoginProfile', own(allow('iam:CreateLoginProfile')), 'table/Person', ['other-user/set-password', 'role/DBAccessRole/assume']],
    [
      'iam:UpdateLoginProfile of one user',
      own(allow('iam:UpdateLoginProfile', `${ACCOUNT}:user/ann`)),
      'table/Person',
      ['other-user/set-password', 'role/DBAccessRole/assume'],
    ],
    [
      'iam:CreateAccessKey of one user',
      own(allow('iam:CreateAccessKey', `${ACCOUNT}:user/ann`)),
      'table/Person',
      ['other-user/create-access-key', 'role/DBAccessRole/assume'],
    ],
    [
      'a new user and its policy',
      own(allow(['iam:CreateUser', 'iam:AttachUserPolicy'])),
      'table/Person',
      ['account/make-administrator', 'role/DBAccessRole/assume'],
    ],
    [
      'a new role and its policy',
      own(allow(['iam:CreateRole', 'iam:PutRolePolicy'], `${ACCOUNT}:role/new-*`)),
      'table/Person',
      ['account/make-administrator', 'role/DBAccessRole/assume'],
    ],
    [
      'another function and PassRole',
      own(allow('lambda:CreateFunction'), pass('lambda.amazonaws.com', 'ConsumerRole')),
      'queue/people',
      ['function/consumer/pass-role'],
    ],
    [
      'the function made again and PassRole',
      own(allow('lambda:CreateFunction', FUNCTION), pass('lambda.amazonaws.com', 'ConsumerRole')),
      'queue/people',
      ['function/consumer/create'],
    ],
    [
      'lambda:UpdateFunctionConfiguration',
      own(allow('lambda:UpdateFunctionConfiguration', FUNCTION)),
      'queue/people',
      ['function/consumer/change-configuration'],
    ],
    ['lambda:InvokeFunction', own(allow('lambda:InvokeFunction', FUNCTION)), 'queue/people', ['function/consumer/invoke']],
    ['lambda:InvokeFunctionUrl', own(allow('lambda:InvokeFunctionUrl', FUNCTION)), 'queue/people', ['function/consumer/invoke']],
    ['lambda:CreateFunctionUrlConfig', own(allow('lambda:CreateFunctionUrlConfig', FUNCTION)), 'queue/people', ['function/consumer/open-url']],
    ['lambda:CreateEventSourceMapping', own(allow('lambda:CreateEventSourceMapping')), 'queue/people', ['function/consumer/feed']],
    ['lambda:UpdateEventSourceMapping', own(allow('lambda:UpdateEventSourceMapping')), 'queue/people', ['function/consumer/feed']],
    ['lambda:PutFunctionEventInvokeConfig', own(allow('lambda:PutFunctionEventInvokeConfig', FUNCTION)), 'queue/people', ['function/consumer/send-results']],
    ['dynamodb:ExportTableToPointInTime', own(allow('dynamodb:ExportTableToPointInTime', TABLE)), 'table/Person', ['table/Person/export']],
    ['dynamodb:RestoreTableToPointInTime', own(allow('dynamodb:RestoreTableToPointInTime', TABLE), elsewhere), 'table/Person', ['table/Person/restore']],
    [
      'dynamodb:RestoreTableFromBackup',
      own(allow('dynamodb:RestoreTableFromBackup', `${TABLE}/backup/*`), elsewhere),
      'table/Person',
      ['table/Person/restore-backup'],
    ],
    ['AWS Backup', own(allow(['backup:StartRestoreJob', 'iam:PassRole']), elsewhere), 'table/Person', ['table/Person/restore-with-aws-backup']],
    ['backup:StartCopyJob', own(allow('backup:StartCopyJob')), 'table/Person', ['table/Person/share-backup']],
    ['dynamodb:GetRecords', own(allow('dynamodb:GetRecords', `${TABLE}/stream/*`)), 'table/Person', ['table/Person/read-stream']],
    ['dynamodb:EnableKinesisStreamingDestination', own(allow('dynamodb:EnableKinesisStreamingDestination', TABLE)), 'table/Person', ['table/Person/stream']],
    ['dynamodb:CreateTableReplica', own(allow('dynamodb:CreateTableReplica', TABLE), elsewhere), 'table/Person', ['table/Person/replicate']],
    ['another table of the name', own(allow(['dynamodb:CreateTable', 'dynamodb:DeleteTable'], TABLE)), 'table/Person', ['table/Person/replace']],
    ['logs:PutSubscriptionFilter', own(allow('logs:PutSubscriptionFilter', `${LOGS}:*`)), 'logs/consumer', ['logs/consumer/subscribe']],
    ['logs:PutAccountPolicy', own(allow('logs:PutAccountPolicy')), 'logs/consumer', ['logs/consumer/subscribe']],
    ['logs:CreateExportTask', own(allow('logs:CreateExportTask', LOGS)), 'logs/consumer', ['logs/consumer/export']],
    ['kms:ReplicateKey', keyPolicy('table', 'kms:ReplicateKey'), 'table/Person', ['key/table/replicate']],
    ['kms:UpdateAlias', [...keyPolicy('table', 'kms:UpdateAlias'), ...own(allow('kms:UpdateAlias', KEY_ALIAS))], 'table/Person', ['key/table/move-alias']],
    ['kms:ReEncryptFrom', [...keyPolicy('table', 'kms:ReEncryptFrom'), ...own(allow('kms:ReEncryptTo'))], 'table/Person', ['key/table/re-encrypt']],
    [
      'passing a role to EC2',
      [...trustOf('DBAccessRole', { Service: 'ec2.amazonaws.com' }), ...own(allow('ec2:RunInstances'), pass('ec2.amazonaws.com', 'DBAccessRole'))],
      'table/Person',
      ['role/DBAccessRole/pass-to/ec2.amazonaws.com'],
    ],
    [
      'running instances',
      [...trustOf('DBAccessRole', { Service: 'ec2.amazonaws.com' }), ...own(allow('ssm:SendCommand'))],
      'table/Person',
      ['role/DBAccessRole/use-in/ec2.amazonaws.com'],
    ],
    [
      'building with a role',
      [...trustOf('DBAccessRole', { Service: 'codebuild.amazonaws.com' }), ...own(allow('codebuild:StartBuild'))],
      'table/Person',
      ['role/DBAccessRole/use-in/codebuild.amazonaws.com'],
    ],
    [
      'iam:UpdateSAMLProvider',
      [...trustOf('DBAccessRole', { Federated: `${ACCOUNT}:saml-provider/company` }, 'sts:AssumeRoleWithSAML'), ...own(allow('iam:UpdateSAMLProvider'))],
      'table/Person',
      ['role/DBAccessRole/forge-token'],
    ],
  ])('follow %s', (_what, changes, reads, steps) => {
    expect(stepsOf(withStatements(changes), reads)).toEqual(steps);
  });

  it.each<[string, StatementChange[], DataId]>([
    ['a restore without reading elsewhere', own(allow('dynamodb:RestoreTableToPointInTime', TABLE)), 'table/Person'],
    ['an export of another table', own(allow('dynamodb:ExportTableToPointInTime', `${TABLE}-2`)), 'table/Person'],
    ['making a function that no role is passed to', own(allow('lambda:CreateFunction')), 'queue/people'],
    ['passing a role to a service that it does not trust', own(allow('ec2:RunInstances'), pass('ec2.amazonaws.com', 'DBAccessRole')), 'table/Person'],
    [
      'taking away what runs as a role',
      [...trustOf('DBAccessRole', { Service: 'ec2.amazonaws.com' }), ...own(allow('ec2:TerminateInstances'))],
      'table/Person',
    ],
    ['an access key that a Deny forbids', own(allow('iam:CreateAccessKey'), { Effect: 'Deny', Action: 'iam:*', Resource: '*' }), 'table/Person'],
  ])('do not follow %s', (_what, changes, reads) => {
    expect(stepsOf(withStatements(changes), reads)).toBeUndefined();
  });
});

describe('other steps of escalation', () => {
  const allUsers = (...statements: readonly object[]) => withStatements([{ policy: 'pipeline-AllUsers/AllUsers', statements }]);
  const OWN_USER = `${ACCOUNT}:user/\${aws:username}`;

  it('are those of users', () => {
    const attach = allUsers(allow('iam:AttachUserPolicy', OWN_USER));
    expect(stepsOf(attach, 'table/Person', 'user/mfa/AllUsers-only')).toEqual(['own-user/attach-policy', 'role/DBAccessRole/assume']);
    const attachToGroup = allUsers(allow('iam:AttachGroupPolicy', `${GROUP}AllUsers`));
    expect(stepsOf(attachToGroup, 'table/Person', 'user/mfa/AllUsers-only')).toEqual(['group/AllUsers/attach-policy', 'role/DBAccessRole/assume']);
    const leave = allUsers(allow('iam:RemoveUserFromGroup', `${GROUP}AllUsers`), { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' });
    expect(stepsOf(leave, 'table/Person', 'user/mfa')).toEqual(['group/AllUsers/remove-user', 'role/DBAccessRole/assume']);
    // One's own access key leads nowhere.
    expect(stepsOf(deployment, 'table/Person', 'user/mfa/AllUsers-only')).toBeUndefined();
  });

  it('take the MFA device of another user', () => {
    const own = { policy: 'pipeline-AllUsers/AllUsers', instead: true };
    const withoutOwnDevice = withStatements([{ ...own, statements: [allow('iam:EnableMFADevice', `${ACCOUNT}:user/ann`)] }]);
    expect(stepsOf(withoutOwnDevice, 'table/Person', 'user/no-mfa')).toEqual(['other-user/replace-mfa', 'role/DBAccessRole/assume']);
    const nobodysDevice = withStatements([{ ...own, statements: [allow('iam:GetUser', OWN_USER)] }]);
    expect(stepsOf(nobodysDevice, 'table/Person', 'user/no-mfa')).toBeUndefined();
  });

  it('take away what limits a role', () => {
    const asTableUser = (action: string) => withStatements(own(allow(action, `${ROLE}DBAccessRole`)));
    const deny = managedPolicy('deny', [{ Effect: 'Deny', Action: 'dynamodb:*', Resource: '*' }]);
    const denied = (from: Deployment) => withRole('pipeline-DBAccessRole', (role) => ({ ...role, policies: [...role.policies, deny] }), from);
    expect(stepsOf(denied(asTableUser('iam:DetachRolePolicy')), 'table/Person', 'role/DBAccessRole')).toEqual(['role/DBAccessRole/remove-policy']);
    expect(stepsOf(denied(asTableUser('iam:GetRole')), 'table/Person', 'role/DBAccessRole')).toBeUndefined();
    const limit = managedPolicy('limit', [allow('iam:*', '*')]);
    const limited = (from: Deployment) => withRole('pipeline-DBAccessRole', (role) => ({ ...role, boundary: limit }), from);
    expect(stepsOf(limited(asTableUser('iam:DeleteRolePermissionsBoundary')), 'table/Person', 'role/DBAccessRole')).toEqual([
      'role/DBAccessRole/remove-boundary',
    ]);
    expect(stepsOf(limited(asTableUser('iam:GetRole')), 'table/Person', 'role/DBAccessRole')).toBeUndefined();
  });

  it('change the policies of resources that have none', () => {
    const withoutPolicy: Deployment = { ...deployment, tables: deployment.tables.map((table) => ({ ...table, policy: undefined, keyArn: undefined })) };
    expect(stepsOf(withoutPolicy, 'table/Person', 'role/OperatorRole')).toBeUndefined();
    const changed = withStatements([{ policy: 'pipeline-Operator', statements: [allow('dynamodb:PutResourcePolicy', TABLE)] }], withoutPolicy);
    expect(stepsOf(changed, 'table/Person', 'role/OperatorRole')).toEqual(['table/Person/change-policy']);
    const permission = withStatements(own(allow('lambda:AddPermission', FUNCTION)));
    expect(stepsOf(permission, 'queue/people')).toEqual(['function/consumer/change-policy', 'function/consumer/change-code']);
  });

  it('add statements to the policy of a queue, whose Deny stay until they are removed', () => {
    const denied = { Effect: 'Deny', Principal: '*', Action: ['sqs:DeleteQueue', 'sqs:RemovePermission', 'sqs:SetQueueAttributes'], Resource: QUEUE };
    const adding = own(allow('sqs:AddPermission', QUEUE));
    expect(stepsOf(withStatements(adding), 'queue/people')).toEqual(['queue/people/add-permission', 'queue/people/change-policy-and-key']);
    const denying = [{ policy: 'policy of queue pipeline-people', statements: [denied] }];
    expect(stepsOf(withStatements([...adding, ...denying]), 'queue/people')).toBeUndefined();
    const withoutKeys: Deployment = { ...deployment, queues: deployment.queues.map((queue) => ({ ...queue, keyArn: undefined })) };
    const keepingAttributes = [
      { policy: 'policy of queue pipeline-people', statements: [{ ...denied, Action: ['sqs:DeleteQueue', 'sqs:SetQueueAttributes'] }] },
    ];
    const removing = own(allow(['sqs:AddPermission', 'sqs:RemovePermission'], QUEUE));
    expect(stepsOf(withStatements([...removing, ...keepingAttributes], withoutKeys), 'queue/people')).toEqual([
      'queue/people/add-permission',
      'queue/people/remove-permission',
    ]);
  });

  it('move messages that only SQS may receive for its caller', () => {
    const throughSqs = { Condition: { StringEquals: { 'aws:CalledViaLast': 'sqs.amazonaws.com' } } };
    const from = `${QUEUE}-dead-letters`;
    const moving = (destination: string) =>
      withStatements([
        { policy: 'policy of queue pipeline-people-dead-letters', statements: [allow('sqs:ReceiveMessage', from, named)], instead: true },
        ...keyPolicy('queue', 'kms:Decrypt'),
        ...own(
          allow('sqs:StartMessageMoveTask', from),
          allow(['sqs:DeleteMessage', 'sqs:GetQueueAttributes'], from, { Sid: 'Take', ...throughSqs }),
          allow('sqs:SendMessage', destination, { Sid: 'Send' }),
        ),
      ]);
    const receiving = (destination: string): Deployment => {
      const changed = moving(destination);
      const policy = {
        policy: 'policy of queue pipeline-people-dead-letters',
        statements: [allow('sqs:ReceiveMessage', from, { ...named, ...throughSqs })],
        instead: true,
      };
      return withStatements([policy], changed);
    };
    expect(stepsOf(receiving('*'), 'queue/people-dead-letters')).toEqual(['queue/people-dead-letters/move-messages']);
    expect(stepsOf(receiving(QUEUE), 'queue/people-dead-letters')).toBeUndefined();
  });

  it('assume roles from other accounts, and with tokens of providers', () => {
    const foreign = withStatements(trustOf('DBAccessRole', { AWS: '999988887777' }));
    expect(stepsOf(foreign, 'table/Person', 'account/999988887777/administrator')).toEqual(['role/DBAccessRole/assume']);
    const provider = `${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
    const federated = withStatements(trustOf('DBAccessRole', { Federated: provider }, 'sts:AssumeRoleWithWebIdentity'));
    const actor: ActorId = `federated/${provider.replaceAll('/', '%2F')}`;
    expect(escalationPaths(federated, [actor])).toEqual([{ actor, reads: 'table/Person', steps: ['role/DBAccessRole/assume-with-token'] }]);
  });

  it('of somebody of another account lead nowhere by what is allowed there', () => {
    expect(escalationPaths(deployment, ['foreign-administrator'])).toEqual([]);
  });
});
