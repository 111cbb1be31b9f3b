import { AddUserToGroupCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { allowAllDocument } from '../../access/matrix/allow-all';
import { similarName } from '../../access/matrix/decoys';
import type { ActorId } from '../../access/matrix/ids';
import type { Account } from '../../lab/account/account';
import type { Credentials, Lab } from '../../lab/lab';
import { HUMAN_ROLES, type Names } from '../../stacks/names';
import { type Actor, actorWith, anonymousActor } from '../actors';
import type { Identities } from '../identities';
import { MfaUser, toCredentials } from '../mfa-user';

const ALLOW_ALL = JSON.stringify(allowAllDocument());

/**
 * All actors of the matrix with real credentials: people and roles by IAM and STS, services with credentials
 * of their own, an administrator of a foreign account, and one caller who does not sign.
 *
 * @param foreignAccount the account that is foreign to the deployment
 */
export async function matrixActors(lab: Lab, identities: Identities, names: Names, foreignAccount: Account): Promise<ReadonlyMap<ActorId, Actor>> {
  const { account } = lab;
  const signing = [
    ...(await userCredentials(lab, names)),
    ...serviceCredentials(account, names),
    ['first-deployer', lab.bootstrap] as const,
    ['root', account.sts.rootCredentials()] as const,
    ['foreign-administrator', await administratorOf(foreignAccount)] as const,
  ];
  const actors = new Map<ActorId, Actor>(signing.map(([id, credentials]) => [id, actorWith(credentials, account, foreignAccount)]));
  for (const role of HUMAN_ROLES) actors.set(`role/${role}`, actorWith(await identities.credentials(role), account));
  return actors.set('anonymous', anonymousActor());
}

type ActorCredentials = readonly (readonly [ActorId, Credentials])[];

/**
 * Users of the groups, and an administrator. Not the deployed user: the matrix asks about that one as a
 * resource of others.
 */
async function userCredentials({ account, bootstrap, endpoint }: Lab, names: Names): Promise<ActorCredentials> {
  const environment = { endpoint: endpoint.url, region: account.region };
  const iam = new IAMClient({ ...environment, credentials: bootstrap });
  const enroll = async (UserName: string, groups: readonly string[], policy?: string): Promise<MfaUser> => {
    await iam.send(new CreateUserCommand({ UserName }));
    if (policy) await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: policy }));
    for (const GroupName of groups) await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
    return MfaUser.enroll(environment, bootstrap, UserName);
  };
  const { allUsers, assumeAllRoles, keyManagers } = names.groups;
  const member = await enroll('member', [allUsers, assumeAllRoles]);
  return [
    ['user/mfa', await member.signIn()],
    ['user/no-mfa', member.accessKey],
    ['user/mfa/AllUsers-only', await (await enroll('newcomer', [allUsers])).signIn()],
    ['user/mfa/KeyManagers', await (await enroll('key-manager', [allUsers, keyManagers])).signIn()],
    ['administrator/mfa', await (await enroll('administrator', [], ALLOW_ALL)).signIn()],
  ];
}

/** Services, in their own name and as they run or poll for a function. */
function serviceCredentials(account: Account, names: Names): ActorCredentials {
  const { sts } = account;
  const role = account.iam.arn('role', '/', names.executionRole);
  const consumer = account.arn('lambda', `function:${names.function}`);
  const execution = (inFunction?: string) => toCredentials(sts.serviceSession(role, 'verify', 'lambda.amazonaws.com', inFunction).credentials);
  return [
    ['role/ConsumerRole/in-function', execution(consumer)],
    ['role/ConsumerRole/in-other-function', execution(similarName(consumer))],
    ['role/ConsumerRole/polling', execution()],
    ['service/lambda.amazonaws.com', toCredentials(sts.serviceCredentials('lambda.amazonaws.com'))],
    ['service/logs.REGION.amazonaws.com', toCredentials(sts.serviceCredentials(`logs.${account.region}.amazonaws.com`))],
  ];
}

async function administratorOf(account: Account): Promise<Credentials> {
  const { iam, sts } = account;
  const root = account.call(sts.rootCredentials().caller);
  const UserName = 'foreign-administrator';
  await account.perform(iam.operations.CreateUser, { UserName }, root);
  await account.perform(iam.operations.PutUserPolicy, { UserName, PolicyName: 'own', PolicyDocument: ALLOW_ALL }, root);
  const { AccessKey } = await account.perform(iam.operations.CreateAccessKey, { UserName }, root);
  return toCredentials(AccessKey);
}
