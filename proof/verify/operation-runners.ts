import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { KEYS, type KeyName } from '../../stacks/names';
import type { Clients } from './clients';
import type { TestBed } from './test-bed';

/** Tries an operation with somebody's clients. */
export type Performer = (clients: Clients, stage: TestBed) => Promise<unknown>;

const ATTRIBUTES = { Action: { DataType: 'String', StringValue: 'creation' } };
const PERSON = { Name: { S: 'Verify' }, Firstname: { S: 'Access' } };
// A receipt of nothing: whoever may delete gets no error, whoever may not is refused before it is looked at.
const RECEIPT = Buffer.from('00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-000000000000').toString('base64');

const urlOf = ({ lab, names }: TestBed, queue: string) => `${lab.endpoint.url}/${lab.account.accountId}/${names.of(queue)}`;
const send =
  (queue: string, plain = false): Performer =>
  (clients, stage) =>
    clients.of('sqs', { plain }).sendMessage({ QueueUrl: urlOf(stage, queue), MessageBody: 'not a person', MessageAttributes: ATTRIBUTES });
/** There must be something to decrypt, or receiving would prove nothing. */
const receive =
  (queue: string, plain = false): Performer =>
  async (clients, stage) => {
    await stage.refill();
    return clients.of('sqs', { plain }).receiveMessage({ QueueUrl: urlOf(stage, queue), VisibilityTimeout: 0 });
  };
const redrive =
  (queue: string, destination?: string): Performer =>
  async (clients, stage) => {
    const { lab, names } = stage;
    const arn = (name: string) => lab.account.arn('sqs', names.of(name));
    await stage.refill();
    return clients
      .of('sqs')
      .send(new StartMessageMoveTaskCommand({ SourceArn: arn(queue), ...(destination === undefined ? {} : { DestinationArn: arn(destination) }) }));
  };

const queueOperations = (queue: string): Record<string, Performer> => ({
  [`${queue}: send`]: send(queue),
  [`${queue}: send without TLS`]: send(queue, true),
  [`${queue}: receive`]: receive(queue),
  [`${queue}: redrive`]: redrive(queue),
  [`${queue}: delete a message`]: (clients, stage) => clients.of('sqs').deleteMessage({ QueueUrl: urlOf(stage, queue), ReceiptHandle: RECEIPT }),
  [`${queue}: hide a message longer`]: (clients, stage) =>
    clients.of('sqs').changeMessageVisibility({ QueueUrl: urlOf(stage, queue), ReceiptHandle: RECEIPT, VisibilityTimeout: 1 }),
  [`${queue}: change its attributes`]: (clients, stage) =>
    clients.of('sqs').setQueueAttributes({ QueueUrl: urlOf(stage, queue), Attributes: { DelaySeconds: '0' } }),
});

const DEAD = 'people-dead-letters';
const deadLetterOperations: Record<string, Performer> = {
  [`${DEAD}: receive dead letters`]: receive(DEAD),
  [`${DEAD}: receive dead letters without TLS`]: receive(DEAD, true),
  [`${DEAD}: redrive to another queue`]: redrive(DEAD, 'people-other'),
};

type Table = ReturnType<typeof tableClient>;
const tableClient = (clients: Clients, plain: boolean) => clients.of('dynamodb', { plain });
const table =
  (perform: (client: Table, TableName: string) => Promise<unknown>, plain = false): Performer =>
  (clients, { lab, names }) =>
    perform(tableClient(clients, plain), lab.account.arn('dynamodb', `table/${names.table}`));
const byName = { KeyConditionExpression: '#n = :n', ExpressionAttributeNames: { '#n': 'Name' }, ExpressionAttributeValues: { ':n': PERSON.Name } };
const tableOperations: Record<string, Performer> = {
  'Person: get': table((client, TableName) => client.getItem({ TableName, Key: PERSON })),
  'Person: get without TLS': table((client, TableName) => client.getItem({ TableName, Key: PERSON }), true),
  'Person: query': table((client, TableName) => client.query({ TableName, ...byName })),
  'Person: scan': table((client, TableName) => client.scan({ TableName })),
  'Person: put': table((client, TableName) => client.putItem({ TableName, Item: PERSON })),
  'Person: update': table((client, TableName) => client.updateItem({ TableName, Key: PERSON })),
  'Person: delete': table((client, TableName) => client.deleteItem({ TableName, Key: PERSON })),
  'Person: batch get': table((client, name) => client.batchGetItem({ RequestItems: { [name]: { Keys: [PERSON] } } })),
  'Person: batch write': table((client, name) => client.batchWriteItem({ RequestItems: { [name]: [{ PutRequest: { Item: PERSON } }] } })),
  'Person: describe': table((client, TableName) => client.describeTable({ TableName })),
  'Person: select its key': (clients, stage) =>
    table((client, TableName) =>
      client.updateTable({ TableName, SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: keyOf(stage, 'table').arn } }),
    )(clients, stage),
};

const keyOf = ({ lab, names }: TestBed, key: KeyName) => lab.account.kms.find(names.keyAlias(key));

/** What changes a key, its policy or its name; whatever succeeds is undone in the account itself, for the next one who tries. */
function keyOperations(key: KeyName): Record<string, Performer> {
  const undone =
    (attempt: (kms: ReturnType<typeof kmsOf>, arn: string, AliasName: string, policy: string) => Promise<unknown>): Performer =>
    async (clients, stage) => {
      const found = keyOf(stage, key);
      const alias = stage.names.keyAlias(key);
      const { policy } = found;
      try {
        return await attempt(kmsOf(clients), found.arn, alias, policy.text());
      } finally {
        found.state = 'Enabled';
        delete found.deletionDate;
        stage.lab.account.kms.aliases.set(alias, found.id);
      }
    };
  const name = `key ${key}`;
  return {
    [`${name}: change its policy`]: undone((kms, KeyId, _alias, Policy) => kms.putKeyPolicy({ KeyId, Policy })),
    [`${name}: disable`]: undone((kms, KeyId) => kms.disableKey({ KeyId })),
    [`${name}: schedule its deletion`]: undone((kms, KeyId) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })),
    [`${name}: cancel its deletion`]: undone((kms, KeyId) => kms.cancelKeyDeletion({ KeyId })),
    // An alias takes a permission on itself and one on its key; who has the second of the key has the first as well.
    [`${name}: kms:CreateAlias`]: undone((kms, TargetKeyId, AliasName) => kms.createAlias({ AliasName, TargetKeyId })),
    [`${name}: kms:UpdateAlias`]: undone((kms, TargetKeyId, AliasName) => kms.updateAlias({ AliasName, TargetKeyId })),
    [`${name}: kms:DeleteAlias`]: undone((kms, _key, AliasName) => kms.deleteAlias({ AliasName })),
  };
}

const kmsOf = (clients: Clients) => clients.of('kms');

/** Passing a role takes a service that it is passed to: Lambda with a function's configuration, EC2 with an instance profile. */
const toLambda =
  (role: (stage: TestBed) => string): Performer =>
  (clients, stage) =>
    clients.of('lambda').updateFunctionConfiguration({ FunctionName: stage.lab.account.arn('lambda', `function:${stage.names.function}`), Role: role(stage) });
const roleOperations: Record<string, Performer> = {
  'pass the role of consumer to Lambda': toLambda(({ lab, names }) => lab.account.iam.arn('role', '/', names.executionRole)),
  'another role: iam:PassRole': toLambda(({ lab }) => lab.account.iam.arn('role', '/', 'another')),
  'pass the role of consumer to EC2': (clients, { names }) =>
    clients.of('iam').addRoleToInstanceProfile({ InstanceProfileName: 'verify', RoleName: names.executionRole }),
};

const functionOperations: Record<string, Performer> = {
  'consumer: change its code': (clients, { lab, names }) =>
    clients.of('lambda').send(
      new UpdateFunctionCodeCommand({
        FunctionName: lab.account.arn('lambda', `function:${names.function}`),
        ZipFile: lab.account.lambda.find(names.function).zip,
      }),
    ),
};

/** How operations of several requests, and those that really change something, are performed; single requests are asked for one by one. */
export const OPERATION_RUNNERS: Readonly<Record<string, Performer>> = {
  ...queueOperations('people'),
  ...queueOperations(DEAD),
  ...deadLetterOperations,
  ...tableOperations,
  ...Object.assign({}, ...KEYS.map(keyOperations)),
  ...roleOperations,
  ...functionOperations,
};
