import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { ACCOUNT, allow, type Clients, keyPolicy, REGION, startLab, type TestLab } from './support';

let test: TestLab;
let reader: Clients;
let outsider: Clients;
let KeyId: string;
const TableName = 'People';
const CONTEXT = {
  'kms:ViaService': `dynamodb.${REGION}.amazonaws.com`,
  'kms:EncryptionContext:aws:dynamodb:tableName': TableName,
  'kms:EncryptionContext:aws:dynamodb:subscriberId': ACCOUNT,
};
const SELECTION = ['Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo', 'CreateGrant'].map(
  (name) => `kms:${name}`,
);
const byReader = allow('ReadByReader', 'role/Reader', 'kms:Decrypt', CONTEXT);
const bySelector = allow('SelectionByBootstrap', 'user/bootstrap', SELECTION, CONTEXT);

const TABLE = {
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [{ AttributeName: 'Name', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'Name', AttributeType: 'S' as const }],
};
const createTable = (name: string, key: string) =>
  new CreateTableCommand({ TableName: name, ...TABLE, SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key } });

beforeAll(async () => {
  test = await startLab();
  const all = [{ Sid: 'AllOfDynamoDb', Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }];
  reader = await test.role('Reader', all);
  outsider = await test.role('Outsider', all);
  KeyId = String((await test.bootstrap.kms.send(new CreateKeyCommand({ Policy: keyPolicy(byReader, bySelector) }))).KeyMetadata?.Arn);
  await test.bootstrap.dynamodb.send(createTable(TableName, KeyId));
});
afterAll(() => test.stop());

const put = (as: Clients, name: string) => as.dynamodb.send(new PutItemCommand({ TableName, Item: { Name: { S: name } } }));
const scan = (as: Clients) => as.dynamodb.send(new ScanCommand({ TableName }));
const refusedByKms = { name: 'AccessDeniedException', message: expect.stringMatching(/^KMS key access denied error: .*kms:Decrypt/) };

describe('DynamoDB in the lab', () => {
  it('lets only principals of the key policy write and read an encrypted table', async () => {
    await put(reader, 'Ångström');
    await expect(scan(reader)).resolves.toMatchObject({ Items: [{ Name: { S: 'Ångström' } }] });
    await expect(scan(outsider)).rejects.toMatchObject(refusedByKms);
    await expect(put(outsider, 'x')).rejects.toMatchObject(refusedByKms);
    await expect(
      outsider.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { Name: { S: 'x' } } } }] } })),
    ).rejects.toMatchObject(refusedByKms);
  });

  it('needs the permissions of a key’s selection to make a table, for that very table', async () => {
    await expect(outsider.dynamodb.send(createTable('Other', KeyId))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('KMS key access denied'),
    });
    await expect(test.bootstrap.dynamodb.send(createTable('Other', KeyId))).rejects.toMatchObject({ message: expect.stringContaining('kms:Encrypt') });
  });

  it('keeps a table key for five minutes, then asks KMS again', async () => {
    await scan(reader);
    await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(bySelector) }));
    await expect(scan(reader)).resolves.toBeDefined();
    test.advance(300);
    await expect(scan(reader)).rejects.toMatchObject(refusedByKms);
    await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(byReader, bySelector) }));
    await expect(scan(reader)).resolves.toBeDefined();
  });

  it('reports a disabled key as such', async () => {
    test.advance(300);
    await test.bootstrap.kms.send(new DisableKeyCommand({ KeyId }));
    await expect(scan(reader)).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('is disabled.') });
    await test.bootstrap.kms.send(new EnableKeyCommand({ KeyId }));
  });

  it('obeys the table’s own policy', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'DenyGetToReader',
          Effect: 'Deny',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/Reader` },
          Action: 'dynamodb:GetItem',
          Resource: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TableName}`,
        },
      ],
    });
    await test.bootstrap.dynamodb.send(new PutResourcePolicyCommand({ ResourceArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TableName}`, Policy }));
    await expect(reader.dynamodb.send(new GetItemCommand({ TableName, Key: { Name: { S: 'x' } } }))).rejects.toMatchObject({
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    await expect(scan(reader)).resolves.toBeDefined();
  });

  it('describes its encryption, protects it from deletion, and lists it', async () => {
    await test.bootstrap.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
    await expect(test.bootstrap.dynamodb.send(new DescribeTableCommand({ TableName }))).resolves.toMatchObject({
      Table: { DeletionProtectionEnabled: true, SSEDescription: { Status: 'ENABLED', KMSMasterKeyArn: KeyId } },
    });
    await expect(test.bootstrap.dynamodb.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(test.bootstrap.dynamodb.send(new ListTablesCommand({}))).resolves.toMatchObject({ TableNames: [TableName] });
  });

  it('refuses what it does not model only to those who may do it, like AWS', async () => {
    const reader = await test.role('PartiqlReader', [
      { Sid: 'Select', Effect: 'Allow', Action: ['dynamodb:PartiQLSelect', 'dynamodb:PutItem'], Resource: `arn:aws:dynamodb:*:*:table/${TableName}` },
    ]);
    const ask = (Statement: string) => reader.dynamodb.send(new ExecuteStatementCommand({ Statement }));
    await expect(ask(`SELECT * FROM "${TableName}"`)).rejects.toMatchObject({ name: 'NotModelledByTheLab' });
    await expect(ask(`DELETE FROM "${TableName}" WHERE "Name" = 'a'`)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:PartiQLDelete'),
    });
    await expect(ask('DROP TABLE x')).rejects.toMatchObject({ name: 'ValidationException' });
    const Put = { TableName, Item: { Name: { S: 'a' }, Firstname: { S: 'b' } } };
    const transact = (...TransactItems: object[]) => reader.dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
    await expect(transact({ Put })).rejects.toMatchObject({ name: 'NotModelledByTheLab' });
    await expect(transact({ Put }, { Delete: { TableName, Key: Put.Item } })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:DeleteItem'),
    });
  });

  it('refuses what it does not model by name', async () => {
    await expect(test.bootstrap.dynamodb.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM People' }))).rejects.toMatchObject({
      message: "The lab does not model DynamoDB's ExecuteStatement",
    });
    await expect(
      test.bootstrap.dynamodb.send(new CreateTableCommand({ TableName: 'Streaming', ...TABLE, StreamSpecification: { StreamEnabled: true } })),
    ).rejects.toMatchObject({
      message: 'The lab does not model CreateTable with StreamSpecification',
    });
  });
});
