import { CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { Account } from '../../lab/account/account';
import { ACCOUNT, type Clients, REGION, startLab, type TestLab } from './support';

const PEER = '444455556666';
const UNKNOWN_ACCOUNT = '777788889999';
/** The client package of each service; its schemas name the members of every input. */
const PACKAGES: Readonly<Record<string, string>> = { logs: 'cloudwatch-logs' };

/**
 * Members that end like the name of a resource, but name something else: the operation is about the caller's own account, or
 * about the resource that another member names.
 */
const OTHER_MEMBERS: Readonly<Record<string, string>> = {
  'iam:AccessKeyId': 'an access key is of the caller’s account',
  'iam:PolicyArn of AttachRolePolicy': 'the role is the resource',
  'iam:PolicyArn of DetachRolePolicy': 'the role is the resource',
  'kms:XksKeyId': 'a key outside of AWS',
  'kms:KeyId of ListAliases': 'aliases are of the caller’s account',
  'sqs:DestinationArn': 'where messages go; the source is the resource',
  'dynamodb:GlobalTableSourceArn': 'what a new table is a replica of',
  'dynamodb:ExclusiveStartTableName': 'where a page begins',
  'logs:kmsKeyId': 'the key of the log group',
  'logs:destinationArn': 'where events go',
  'logs:roleArn': 'the role that writes them',
  'lambda:KMSKeyArn': 'the key of the function',
  'lambda:SourceKMSKeyArn': 'the key of the package',
  'lambda:CodeSigningConfigArn': 'who signed the package',
  'lambda:SourceArn': 'who may invoke',
  'lambda:InvokedViaFunctionUrl': 'how it is invoked',
  'xray:ResourceARN': 'from where telemetry comes',
};
const ENDS_LIKE_A_RESOURCE = /(?<!EventSource)(Arn|ARN|Url|KeyId|TableName|FunctionName|Resource|Identifier)$|AccountId$/;

/** The members of an operation's input as the installed client knows them. */
function membersOf(service: string, operation: string): readonly string[] {
  const client = jest.requireActual<Record<string, unknown>>(`@aws-sdk/client-${PACKAGES[service] ?? service}`);
  const schema = client[`${operation}$`];
  if (!Array.isArray(schema)) throw new Error(`The client of ${service} has no schema of ${operation}`);
  const input: unknown = typeof schema[4] === 'function' ? (schema[4] as () => unknown)() : schema[4];
  return Array.isArray(input) && Array.isArray(input[4]) ? input[4].map(String) : [];
}

let test: TestLab;
let peer: Clients;
beforeAll(async () => {
  test = await startLab();
  peer = test.clients(new Account({ accountId: PEER, region: REGION, peer: test.lab.account }).sts.rootCredentials());
});
afterAll(() => test.stop());

describe('the account that a request is about', () => {
  const { services } = new Account();
  const operations = Object.entries(services).flatMap(([service, { operations: all }]) => Object.values(all).map((operation) => [service, operation] as const));

  it.each(operations.map(([service, operation]) => [`${service}:${operation.name}`, service, operation] as const))(
    'follows from members of which each is known to name a resource or something else: %s',
    (_title, service, { name, resourceMembers }) => {
      const open = membersOf(service, name)
        .filter((member) => ENDS_LIKE_A_RESOURCE.test(member) && !resourceMembers.includes(member))
        .filter((member) => !(`${service}:${member}` in OTHER_MEMBERS) && !(`${service}:${member} of ${name}` in OTHER_MEMBERS));
      expect(open).toEqual([]);
    },
  );

  it('is the caller’s own where only a key of another account is named', async () => {
    const { KeyMetadata: key } = await test.bootstrap.kms.send(new CreateKeyCommand({}));
    await expect(peer.logs.send(new CreateLogGroupCommand({ logGroupName: 'of-the-peer', kmsKeyId: key?.Arn }))).rejects.toBeDefined();
    await peer.logs.send(new CreateLogGroupCommand({ logGroupName: 'plain' }));
    const names = async ({ logs }: Clients) => (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName }) => logGroupName);
    expect(await names(test.bootstrap)).toEqual([]);
    expect(await names(peer)).toEqual(['plain']);
  });

  it('is refused where it is none that lets anybody in, also when the caller has something of the same name', async () => {
    const { sqs, dynamodb, lambda } = test.bootstrap;
    await sqs.send(new CreateQueueCommand({ QueueName: 'same' }));
    const url = `${test.lab.endpoint.url}/${UNKNOWN_ACCOUNT}/same`;
    await expect(sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }))).rejects.toMatchObject({ name: 'AccessDenied' });
    const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${UNKNOWN_ACCOUNT}:${resource}`;
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: arn('lambda', 'function:same') }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda'),
    });
    await expect(dynamodb.send(new DescribeTableCommand({ TableName: arn('dynamodb', 'table/same') }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('is the caller’s own for a table whose name looks like an account', async () => {
    const { dynamodb } = test.bootstrap;
    await dynamodb.send(
      new CreateTableCommand({
        TableName: PEER,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName: PEER }));
    expect(table?.TableArn).toBe(`arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${PEER}`);
  });
});
