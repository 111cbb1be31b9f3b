import { AddUserToGroupCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { parsePrincipal } from '../../evaluator/index';
import type { Account } from '../../lab/account/account';
import type { Caller } from '../../lab/account/caller';
import type { Credentials, Lab } from '../../lab/lab';
import { HUMAN_ROLES, type Names } from '../../stacks/names';
import type { Identities } from '../identities';
import { MfaUser, toCredentials } from '../mfa-user';

/** Somebody of the matrix, ready to call. */
export interface Actor {
  /** As the lab knows its caller. */
  readonly caller: Caller;
  /** Absent for whoever does not sign. */
  readonly credentials?: Credentials;
}

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }],
});

/**
 * Everybody of the matrix with real credentials: people and roles by IAM and STS, services with credentials of their own,
 * an administrator of an account beside this one, and one caller who does not sign.
 *
 * @param stranger the account beside this one
 */
export async function actorsOf(lab: Lab, identities: Identities, names: Names, stranger: Account): Promise<ReadonlyMap<string, Actor>> {
  const { account, bootstrap } = lab;
  const { sts } = account;
  const place = { endpoint: lab.endpoint.url, region: account.region };
  const iam = new IAMClient({ ...place, credentials: bootstrap });
  const enroll = async (UserName: string, groups: readonly string[], policy?: string): Promise<MfaUser> => {
    await iam.send(new CreateUserCommand({ UserName }));
    if (policy) await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: policy }));
    for (const GroupName of groups) await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
    return MfaUser.enroll(place, bootstrap, UserName);
  };
  const role = account.iam.arn('role', '/', names.executionRole);
  const consumer = account.arn('lambda', `function:${names.function}`);
  const execution = (inFunction?: string) => toCredentials(sts.serviceSession(role, 'verify', 'lambda.amazonaws.com', inFunction).credentials);
  const service = (name: string) => toCredentials(sts.serviceCredentials(name));
  const { allUsers, assumeAllRoles, keyManagers } = names.groups;
  // Not the deployed user: the matrix asks about that one as a resource of others.
  const user = await enroll('member', [allUsers, assumeAllRoles]);
  const keyManager = await enroll('key-manager', [allUsers, keyManagers]);
  const newcomer = await enroll('newcomer', [allUsers]);
  const administrator = await enroll('administrator', [], EVERYTHING);
  const signing: [string, Credentials][] = [
    ['ConsumerRole in its function', execution(consumer)],
    ['ConsumerRole in another function', execution(`${consumer}-other`)],
    ['Lambda polling for consumer', execution()],
    ['a user with MFA', await user.signIn()],
    ['a user without MFA', user.accessKey],
    ['a user with MFA in no group but AllUsers', await newcomer.signIn()],
    ['a key manager’s user with MFA', await keyManager.signIn()],
    ['an administrator with MFA', await administrator.signIn()],
    ['who deployed first', bootstrap],
    ['the root user', sts.rootCredentials()],
    ['an administrator of another account', await administratorOf(stranger)],
    ['Lambda', service('lambda.amazonaws.com')],
    ['CloudWatch Logs', service(`logs.${account.region}.amazonaws.com`)],
  ];
  for (const human of HUMAN_ROLES) signing.push([human, await identities.credentials(human)]);
  const callerOf = ({ accessKeyId }: Credentials): Caller => {
    const known = sts.find(accessKeyId) ?? stranger.sts.find(accessKeyId);
    if (!known) throw new Error(`The access key ${accessKeyId} is of no account`);
    return known.caller;
  };
  const anonymous = parsePrincipal('*');
  if (!anonymous) throw new TypeError('* is no principal');
  return new Map<string, Actor>([
    ...signing.map(([name, credentials]): [string, Actor] => [name, { credentials, caller: callerOf(credentials) }]),
    ['anonymous', { caller: { principal: anonymous, userId: 'anonymous', accountId: '', temporary: false, tags: {} } }],
  ]);
}

async function administratorOf(account: Account): Promise<Credentials> {
  const { iam, sts } = account;
  const root = account.call(sts.rootCredentials().caller);
  const UserName = 'stranger';
  await account.perform(iam.operations.CreateUser, { UserName }, root);
  await account.perform(iam.operations.PutUserPolicy, { UserName, PolicyName: 'Everything', PolicyDocument: EVERYTHING }, root);
  const { AccessKey } = await account.perform(iam.operations.CreateAccessKey, { UserName }, root);
  return toCredentials(AccessKey);
}
