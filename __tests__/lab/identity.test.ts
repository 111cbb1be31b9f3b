import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutGroupPolicyCommand,
} from '@aws-sdk/client-iam';
import { ListKeysCommand } from '@aws-sdk/client-kms';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { MfaUser } from '../../proof/mfa-user';
import { ACCOUNT, REGION, startLab, type TestLab } from './support';

let test: TestLab;
let person: MfaUser;
const RoleArn = `arn:aws:iam::${ACCOUNT}:role/Guarded`;
beforeAll(async () => {
  test = await startLab();
  const { iam } = test.bootstrap;
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'everybody' }));
  const own = [
    { Sid: 'Own', Effect: 'Allow', Action: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice'], Resource: '*' },
    { Sid: 'Assume', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
  ];
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: 'everybody', PolicyName: 'own', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: own }) }),
  );
  await iam.send(new AddUserToGroupCommand({ GroupName: 'everybody', UserName: 'ann' }));
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'WithMfa',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'sts:AssumeRole',
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      },
    ],
  };
  await iam.send(new CreateRoleCommand({ RoleName: 'Guarded', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  person = await MfaUser.enroll({ endpoint: test.lab.endpoint.url, region: REGION }, test.lab.bootstrap, 'ann');
});
afterAll(() => test.stop());

describe('identity in the lab', () => {
  it('tells who calls', async () => {
    await expect(test.bootstrap.sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/bootstrap`,
    });
  });

  it('lets a role that asks for MFA be assumed from a session with MFA only', async () => {
    const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'work' });
    await expect(test.clients(person.accessKey).sts.send(assume)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('no role trust policy'),
    });
    await expect(test.clients(await person.signIn()).sts.send(assume)).resolves.toMatchObject({
      AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Guarded/work` },
    });
  });

  it('refuses wrong codes, and somebody else’s device', async () => {
    const SerialNumber = `arn:aws:iam::${ACCOUNT}:mfa/ann`;
    await expect(test.clients(person.accessKey).sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode: '000000' }))).rejects.toMatchObject({
      message: expect.stringContaining('invalid MFA one time pass code'),
    });
    await expect(test.bootstrap.sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode: '000000' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('ends sessions on the account’s clock', async () => {
    const worker = await test.role('Worker', [{ Sid: 'List', Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' }]);
    await expect(worker.sqs.send(new ListQueuesCommand({}))).resolves.toBeDefined();
    test.advance(3600);
    await expect(worker.sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' });
  });

  it('ends the sessions of a role that is deleted, also when another of its name is made', async () => {
    const list = [{ Sid: 'List', Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' }];
    const first = await test.role('Recreated', list);
    await expect(first.sqs.send(new ListQueuesCommand({}))).resolves.toBeDefined();
    await test.bootstrap.iam.send(new DeleteRolePolicyCommand({ RoleName: 'Recreated', PolicyName: 'own' }));
    await test.bootstrap.iam.send(new DeleteRoleCommand({ RoleName: 'Recreated' }));
    await expect(first.sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await test.role('Recreated', list);
    await expect(first.sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('limits a session by its session policy', async () => {
    await test.role('Limited', [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }]);
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'ListOnly', Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' }] });
    const answer = await test.bootstrap.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/Limited`, RoleSessionName: 'small', Policy }));
    const limited = test.clients({
      accessKeyId: String(answer.Credentials?.AccessKeyId),
      secretAccessKey: String(answer.Credentials?.SecretAccessKey),
      sessionToken: answer.Credentials?.SessionToken,
    });
    await expect(limited.sqs.send(new ListQueuesCommand({}))).resolves.toBeDefined();
    await expect(limited.kms.send(new ListKeysCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining('no session policy allows the kms:ListKeys action'),
    });
  });

  it('refuses credentials that are unknown, wrong, or changed under way', async () => {
    const list = new ListQueuesCommand({});
    await expect(test.clients({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' }).sqs.send(list)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(test.clients({ ...test.lab.bootstrap, secretAccessKey: 'x' }).sqs.send(list)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    const session = await person.signIn();
    await expect(test.clients({ ...session, sessionToken: 'forged' }).sqs.send(list)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    const answer = await fetch(test.lab.endpoint.url, { method: 'POST', body: 'Action=ListUsers' });
    expect(answer.status).toBe(403);
  });

  it('leaves an event of every management call, refused ones too', async () => {
    const nobody = await test.role('Nobody', []);
    await expect(nobody.kms.send(new ListKeysCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const { Events } = await test.bootstrap.trail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ListKeys' }] }),
    );
    const detail = JSON.parse(String(Events?.[0]?.CloudTrailEvent)) as Record<string, unknown>;
    expect(detail).toMatchObject({
      eventSource: 'kms.amazonaws.com',
      errorCode: 'AccessDenied',
      userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Nobody/test` },
    });
  });

  it('counts a caller through the other endpoint as one without TLS', async () => {
    const guarded = await test.role('Guarded2', [
      { Sid: 'List', Effect: 'Allow', Action: 'sqs:ListQueues', Resource: '*' },
      { Sid: 'NoPlainText', Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
    await expect(guarded.sqs.send(new ListQueuesCommand({}))).resolves.toBeDefined();
    const plain = test.clients(guarded.credentials, test.lab.plainEndpoint.url);
    await expect(plain.sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining('explicit deny in an identity-based policy'),
    });
  });
});
