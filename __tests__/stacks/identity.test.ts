import { Identity } from '../../stacks/identity/identity';
import type { Settings } from '../../stacks/settings';
import { actionsOf, ENVIRONMENT, NAMES, settingsWith, statementsOf, synthesize } from './support';

const synth = (values: Partial<Settings> = {}) =>
  synthesize((scope) => {
    new Identity(scope, 'identity', { settings: settingsWith(values), names: NAMES, environment: ENVIRONMENT });
  });
const HUMAN = ['Admin', 'Deployer', 'KeyManager', 'DBAccess', 'DBAccessNotAllowed', 'SQSAccess', 'SQSAccessNotAllowed', 'Operator'];
const named = (resources: ReturnType<ReturnType<typeof synth>>, name: string) => resources.find((resource) => resource.name === `demo-${name}`);

describe('the stack identity', () => {
  const resources = synth();

  it('has every human role, trusting the account with MFA only, and a limited session', () => {
    for (const name of HUMAN) {
      const role = named(resources('aws_iam_role'), `${name}Role`);
      expect(role).toMatchObject({ max_session_duration: 3600 });
      expect(statementsOf(role ?? {}, 'assume_role_policy')).toEqual([
        {
          Sid: 'AssumedByPeopleOfTheAccount',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Action: 'sts:AssumeRole',
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        },
      ]);
    }
  });

  it('lets only Lambda assume the execution role', () => {
    const role = named(resources('aws_iam_role'), 'ConsumerRole');
    expect(statementsOf(role ?? {}, 'assume_role_policy')).toEqual([
      { Sid: 'AssumedByLambda', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]);
  });

  it.each([
    ['DBAccessRole', 'DBAccessNotAllowedRole'],
    ['SQSAccessRole', 'SQSAccessNotAllowedRole'],
  ])('attaches the same policy to %s and %s', (allowed, notAllowed) => {
    const attached = (name: string) =>
      resources('aws_iam_role_policy_attachment')
        .filter((attachment) => attachment.role === `\${${resources.addressOf('aws_iam_role', `demo-${name}`)}.name}`)
        .map((attachment) => attachment.policy_arn);
    expect(attached(allowed)).toHaveLength(1);
    expect(attached(notAllowed)).toEqual(attached(allowed));
  });

  it('writes to the table only from the very function', () => {
    const [policy] = resources('aws_iam_role_policy');
    const write = statementsOf(policy ?? {}).filter((statement) => actionsOf(statement).some((action) => action.startsWith('dynamodb:')));
    expect(write).toEqual([
      {
        Sid: 'WriteFromThisFunctionOnly',
        Effect: 'Allow',
        Action: 'dynamodb:BatchWriteItem',
        Resource: 'arn:aws:dynamodb:eu-west-1:111122223333:table/demo-Person',
        Condition: { ArnEquals: { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-west-1:111122223333:function:demo-consumer' } },
      },
    ]);
  });

  it('lets DeployerRole pass one role, to Lambda alone', () => {
    const statements = statementsOf(named(resources('aws_iam_policy'), 'Deployer') ?? {});
    expect(statements.filter((statement) => actionsOf(statement).includes('iam:PassRole'))).toEqual([
      expect.objectContaining({
        Resource: 'arn:aws:iam::111122223333:role/demo-ConsumerRole',
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      }),
    ]);
  });

  it('gives KMS cryptography to nobody but by the administrator policy: key policies decide', () => {
    const cryptography = /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|CreateGrant)/;
    const documents = [
      ...resources('aws_iam_policy').filter((policy) => policy.name !== 'demo-Admin'),
      ...resources('aws_iam_role_policy'),
      ...resources('aws_iam_group_policy'),
    ];
    const actions = documents.flatMap((document) => statementsOf(document).flatMap(actionsOf));
    expect(actions.filter((action) => cryptography.test(action) || action === '*' || action === 'kms:*')).toEqual([]);
  });

  it('denies users without MFA everything but setting it up', () => {
    const policy = resources('aws_iam_group_policy').find(({ name }) => name === 'AllUsers');
    expect(statementsOf(policy ?? {}).at(-1)).toMatchObject({
      Sid: 'DenyTheRestWithoutMfa',
      Effect: 'Deny',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    });
  });

  it('keeps the variables of IAM from Terraform', () => {
    const policy = resources('aws_iam_group_policy').find(({ name }) => name === 'AllUsers');
    expect(policy?.policy).toContain('user/$${aws:username}');
  });

  it('makes no user unless one is named, and then puts it in the groups of all users and of all roles', () => {
    expect(resources('aws_iam_user')).toEqual([]);
    const withUser = synth({ user: 'ann' });
    const groups = ['demo-AllUsers', 'demo-AssumeAllRoles'].map((name) => `\${${withUser.addressOf('aws_iam_group', name)}.name}`);
    const user = `\${${withUser.addressOf('aws_iam_user', 'ann')}.name}`;
    expect(withUser('aws_iam_user_group_membership')).toEqual([expect.objectContaining({ user, groups })]);
  });

  it('trusts without MFA only when told so', () => {
    const role = named(synth({ requireMfa: false })('aws_iam_role'), 'AdminRole');
    expect(statementsOf(role ?? {}, 'assume_role_policy')[0]?.Condition).toBeUndefined();
  });

  it('gives every statement of a policy its own Sid', () => {
    const documents = ['aws_iam_policy', 'aws_iam_role_policy', 'aws_iam_group_policy'].flatMap(resources);
    for (const document of documents) {
      const sids = statementsOf(document).map((statement) => statement.Sid);
      expect(sids.every(Boolean)).toBe(true);
      expect(new Set(sids).size).toBe(sids.length);
    }
  });
});
