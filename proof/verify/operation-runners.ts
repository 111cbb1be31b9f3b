import { DECOY_NAME, similarName } from '../../access/matrix/decoys';
import type { OperationId } from '../../access/matrix/ids';
import { KEYS, type KeyName } from '../../stacks/names';
import type { Clients } from '../clients';
import { CREATION } from '../creation';
import type { TestBed } from './test-bed';

/** Runs an operation with the clients of an actor. */
export type OperationRunner = (clients: Clients, testBed: TestBed) => Promise<unknown>;

type Runners = readonly (readonly [OperationId, OperationRunner])[];

const PERSON = { Name: { S: 'Verify' }, Firstname: { S: 'Access' } };
// The receipt of no message: an actor that may delete gets no error, one that may not is refused before the
// receipt is read.
const RECEIPT = Buffer.from('00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-000000000000').toString('base64');

const urlOf = ({ lab, names }: TestBed, queue: string) => `${lab.endpoint.url}/${lab.account.accountId}/${names.of(queue)}`;

const send =
  (queue: string, plain = false): OperationRunner =>
  (clients, testBed) =>
    clients.of('sqs', { plain }).sendMessage({ QueueUrl: urlOf(testBed, queue), MessageBody: 'not a person', MessageAttributes: CREATION });

/** There must be something to decrypt, or receiving would prove nothing. */
const receive =
  (queue: string, plain = false): OperationRunner =>
  async (clients, testBed) => {
    await testBed.refill();
    return clients.of('sqs', { plain }).receiveMessage({ QueueUrl: urlOf(testBed, queue), VisibilityTimeout: 0 });
  };

const redrive =
  (queue: string, destination?: string): OperationRunner =>
  async (clients, testBed) => {
    const { lab, names } = testBed;
    const arn = (name: string) => lab.account.arn('sqs', names.of(name));
    await testBed.refill();
    return clients.of('sqs').startMessageMoveTask({ SourceArn: arn(queue), ...(destination === undefined ? {} : { DestinationArn: arn(destination) }) });
  };

const queueRunners = (queue: string): Runners => [
  [`queue/${queue}/send`, send(queue)],
  [`queue/${queue}/send-without-tls`, send(queue, true)],
  [`queue/${queue}/receive`, receive(queue)],
  [`queue/${queue}/redrive`, redrive(queue)],
  [`queue/${queue}/delete-message`, (clients, testBed) => clients.of('sqs').deleteMessage({ QueueUrl: urlOf(testBed, queue), ReceiptHandle: RECEIPT })],
  [
    `queue/${queue}/change-visibility`,
    (clients, testBed) => clients.of('sqs').changeMessageVisibility({ QueueUrl: urlOf(testBed, queue), ReceiptHandle: RECEIPT, VisibilityTimeout: 1 }),
  ],
  [
    `queue/${queue}/set-attributes`,
    (clients, testBed) => clients.of('sqs').setQueueAttributes({ QueueUrl: urlOf(testBed, queue), Attributes: { DelaySeconds: '0' } }),
  ],
];

const QUEUE = 'people';
const DEAD_LETTER_QUEUE = 'people-dead-letters';
const deadLetterRunners: Runners = [
  [`queue/${DEAD_LETTER_QUEUE}/receive-dead-letters`, receive(DEAD_LETTER_QUEUE)],
  [`queue/${DEAD_LETTER_QUEUE}/receive-dead-letters-without-tls`, receive(DEAD_LETTER_QUEUE, true)],
  [`queue/${DEAD_LETTER_QUEUE}/redrive-to-other-queue`, redrive(DEAD_LETTER_QUEUE, similarName(QUEUE))],
];

type DynamoDb = ReturnType<typeof dynamoDb>;
const dynamoDb = (clients: Clients, plain = false) => clients.of('dynamodb', { plain });

const onTable =
  (run: (client: DynamoDb, TableName: string) => Promise<unknown>, plain = false): OperationRunner =>
  (clients, { lab, names }) =>
    run(dynamoDb(clients, plain), lab.account.arn('dynamodb', `table/${names.table}`));

const BY_NAME = { KeyConditionExpression: '#n = :n', ExpressionAttributeNames: { '#n': 'Name' }, ExpressionAttributeValues: { ':n': PERSON.Name } };

const selectKey: OperationRunner = (clients, testBed) =>
  onTable((client, TableName) =>
    client.updateTable({ TableName, SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: keyOf(testBed, 'table').arn } }),
  )(clients, testBed);

const tableRunners: Runners = [
  ['table/Person/get', onTable((client, TableName) => client.getItem({ TableName, Key: PERSON }))],
  ['table/Person/get-without-tls', onTable((client, TableName) => client.getItem({ TableName, Key: PERSON }), true)],
  ['table/Person/query', onTable((client, TableName) => client.query({ TableName, ...BY_NAME }))],
  ['table/Person/scan', onTable((client, TableName) => client.scan({ TableName }))],
  ['table/Person/put', onTable((client, TableName) => client.putItem({ TableName, Item: PERSON }))],
  ['table/Person/update', onTable((client, TableName) => client.updateItem({ TableName, Key: PERSON }))],
  ['table/Person/delete', onTable((client, TableName) => client.deleteItem({ TableName, Key: PERSON }))],
  ['table/Person/batch-get', onTable((client, table) => client.batchGetItem({ RequestItems: { [table]: { Keys: [PERSON] } } }))],
  ['table/Person/batch-write', onTable((client, table) => client.batchWriteItem({ RequestItems: { [table]: [{ PutRequest: { Item: PERSON } }] } }))],
  ['table/Person/describe', onTable((client, TableName) => client.describeTable({ TableName }))],
  ['table/Person/select-key', selectKey],
];

const keyOf = ({ lab, names }: TestBed, key: KeyName) => lab.account.kms.find(names.keyAlias(key));

type Kms = ReturnType<typeof kmsOf>;
const kmsOf = (clients: Clients) => clients.of('kms');

/**
 * What changes a key, its policy or its name; what succeeds is undone in the account itself, for the next
 * actor.
 */
function keyRunners(key: KeyName): Runners {
  const undone =
    (run: (kms: Kms, arn: string, AliasName: string, policy: string) => Promise<unknown>): OperationRunner =>
    async (clients, testBed) => {
      const changed = keyOf(testBed, key);
      const alias = testBed.names.keyAlias(key);
      const { policy } = changed;
      try {
        return await run(kmsOf(clients), changed.arn, alias, policy.text());
      } finally {
        changed.state = 'Enabled';
        delete changed.deletionDate;
        testBed.lab.account.kms.aliases.set(alias, changed.id);
      }
    };
  return [
    [`key/${key}/change-policy`, undone((kms, KeyId, _alias, Policy) => kms.putKeyPolicy({ KeyId, Policy }))],
    [`key/${key}/disable`, undone((kms, KeyId) => kms.disableKey({ KeyId }))],
    [`key/${key}/schedule-deletion`, undone((kms, KeyId) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))],
    [`key/${key}/cancel-deletion`, undone((kms, KeyId) => kms.cancelKeyDeletion({ KeyId }))],
    // An alias takes a permission on itself and one on its key; who has the second of the key has the first
    // as well.
    [`permission/key/${key}/kms:CreateAlias`, undone((kms, TargetKeyId, AliasName) => kms.createAlias({ AliasName, TargetKeyId }))],
    [`permission/key/${key}/kms:UpdateAlias`, undone((kms, TargetKeyId, AliasName) => kms.updateAlias({ AliasName, TargetKeyId }))],
    [`permission/key/${key}/kms:DeleteAlias`, undone((kms, _key, AliasName) => kms.deleteAlias({ AliasName }))],
  ];
}

/**
 * Passing a role takes a service that it is passed to: Lambda with a function's configuration, EC2 with an
 * instance profile.
 */
export const passToLambda =
  (role: (testBed: TestBed) => string): OperationRunner =>
  (clients, testBed) => {
    const { lab, names } = testBed;
    const FunctionName = lab.account.arn('lambda', `function:${names.function}`);
    return clients.of('lambda').updateFunctionConfiguration({ FunctionName, Role: role(testBed) });
  };

export const passToEc2: OperationRunner = (clients, { names }) =>
  clients.of('iam').addRoleToInstanceProfile({ InstanceProfileName: 'verify', RoleName: names.executionRole });

const changeCode: OperationRunner = (clients, { lab, names }) =>
  clients.of('lambda').updateFunctionCode({
    FunctionName: lab.account.arn('lambda', `function:${names.function}`),
    ZipFile: lab.account.lambda.find(names.function).zip,
  });

const functionRunners: Runners = [
  ['function/consumer/change-code', changeCode],
  ['function/consumer/pass-role-to-lambda', passToLambda(({ lab, names }) => lab.account.iam.arn('role', '/', names.executionRole))],
  ['function/consumer/pass-role-to-ec2', passToEc2],
  ['permission/other-role/iam:PassRole', passToLambda(({ lab }) => lab.account.iam.arn('role', '/', DECOY_NAME))],
];

/**
 * Runners of operations of several requests, and of those that really change something; single requests are
 * made one by one.
 */
export const OPERATION_RUNNERS: ReadonlyMap<OperationId, OperationRunner> = new Map([
  ...queueRunners(QUEUE),
  ...queueRunners(DEAD_LETTER_QUEUE),
  ...deadLetterRunners,
  ...tableRunners,
  ...KEYS.flatMap(keyRunners),
  ...functionRunners,
]);
