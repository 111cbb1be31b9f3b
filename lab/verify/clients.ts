import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AddUserToGroupCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { HUMAN_ROLES, type Names } from '../../stacks/names';
import type { Identities } from '../identities';
import type { Credentials, Lab } from '../lab';
import { Person, toCredentials } from '../person';

interface Clients {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly sts: STSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
}

/** Real clients of one actor of the matrix, and the same through the door without TLS. */
export interface VerifyClients extends Clients {
  readonly accessKeyId: string;
  readonly plain: Clients;
}

/** Makes real credentials for everybody of the matrix who can have some in one account. */
export async function clientsOfActors(lab: Lab, identities: Identities, names: Names): Promise<Map<string, VerifyClients>> {
  const { account, bootstrap } = lab;
  const place = { endpoint: lab.endpoint.url, region: account.region };
  const iam = new IAMClient({ ...place, credentials: bootstrap });
  const makePerson = async (UserName: string, groups: readonly string[]): Promise<Person> => {
    await iam.send(new CreateUserCommand({ UserName }));
    for (const GroupName of groups) await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
    return Person.enroll(place, bootstrap, UserName);
  };
  const session = (function_?: string): Credentials =>
    toCredentials(account.sts.serviceSession(account.iam.arn('role', '/', names.executionRole), 'verify', 'lambda.amazonaws.com', function_).credentials);
  const consumer = account.arn('lambda', `function:${names.function}`);
  const { allUsers, assumeAllRoles, keyManagers } = names.groups;
  // Not the deployed user: the matrix asks about that one as a resource of others.
  const user = await makePerson('member', [allUsers, assumeAllRoles]);
  const everything = { Version: '2012-10-17', Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }] };
  await iam.send(new CreateUserCommand({ UserName: 'administrator' }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'administrator', PolicyName: 'Everything', PolicyDocument: JSON.stringify(everything) }));
  const administrator = await Person.enroll(place, bootstrap, 'administrator');
  const all: [string, Credentials][] = [
    ['ConsumerRole in its function', session(consumer)],
    ['ConsumerRole in another function', session(`${consumer}-other`)],
    ['Lambda polling for the function', session()],
    ['a user with MFA', await user.signIn()],
    ['a user without MFA', user.accessKey],
    ['a key manager’s user with MFA', await (await makePerson('key-manager', [allUsers, keyManagers])).signIn()],
    ['a user with MFA in no group but AllUsers', await (await makePerson('newcomer', [allUsers])).signIn()],
    ['an administrator with MFA', await administrator.signIn()],
    ['who deployed first', bootstrap],
    ['the root user', account.sts.rootCredentials()],
  ];
  for (const role of HUMAN_ROLES) all.push([role, await identities.credentials(role)]);
  return new Map(
    all.map(([name, credentials]) => [
      name,
      {
        accessKeyId: credentials.accessKeyId,
        ...clients(lab.endpoint.url, account.region, credentials),
        plain: clients(lab.plainEndpoint.url, account.region, credentials),
      },
    ]),
  );
}

function clients(endpoint: string, region: string, { accessKeyId, secretAccessKey, sessionToken }: Credentials): Clients {
  const config = { endpoint, region, credentials: { accessKeyId, secretAccessKey, sessionToken }, maxAttempts: 1 };
  return {
    sqs: new SQSClient(config),
    dynamodb: new DynamoDBClient(config),
    kms: new KMSClient(config),
    sts: new STSClient(config),
    lambda: new LambdaClient(config),
    logs: new CloudWatchLogsClient(config),
  };
}
