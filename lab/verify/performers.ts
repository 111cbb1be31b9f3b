import { FilterLogEventsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyRotationStatusCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { InvokeCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Names } from '../../stacks/names';
import type { Lab } from '../lab';
import type { VerifyClients } from './clients';

/** What performing an operation needs beside the clients of whoever tries. */
export interface Stage {
  readonly lab: Lab;
  readonly names: Names;
  /** A ciphertext of each key, by its name. */
  readonly ciphertexts: ReadonlyMap<string, Uint8Array>;
}

/** Tries an operation with somebody's clients; those without TLS go through the other door. */
export type Performer = (clients: VerifyClients, stage: Stage) => Promise<unknown>;

const ATTRIBUTES = { Action: { DataType: 'String', StringValue: 'creation' } };
const PERSON = { Name: { S: 'Verify' }, Firstname: { S: 'Access' } };
// A receipt of nothing: whoever may delete gets no error, whoever may not is refused before it is looked at.
const RECEIPT = Buffer.from('00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-000000000000').toString('base64');

const urlOf = ({ lab, names }: Stage, queue: string) => `${lab.endpoint.url}/${lab.account.accountId}/${names.of(queue)}`;
const send =
  (queue: string, plain = false): Performer =>
  (clients, stage) =>
    (plain ? clients.plain : clients).sqs.send(
      new SendMessageCommand({ QueueUrl: urlOf(stage, queue), MessageBody: 'not a person', MessageAttributes: ATTRIBUTES }),
    );
const receive =
  (queue: string, plain = false): Performer =>
  (clients, stage) =>
    (plain ? clients.plain : clients).sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(stage, queue), VisibilityTimeout: 0 }));

const queueOperations = (queue: string): Record<string, Performer> => ({
  [`${queue}: send`]: send(queue),
  [`${queue}: send without TLS`]: send(queue, true),
  [`${queue}: receive`]: receive(queue),
  [`${queue}: delete a message`]: (clients, stage) => clients.sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(stage, queue), ReceiptHandle: RECEIPT })),
  [`${queue}: hide a message longer`]: (clients, stage) =>
    clients.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: urlOf(stage, queue), ReceiptHandle: RECEIPT, VisibilityTimeout: 1 })),
  [`${queue}: see its attributes`]: (clients, stage) =>
    clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(stage, queue), AttributeNames: ['All'] })),
  [`${queue}: change its attributes`]: (clients, stage) =>
    clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf(stage, queue), Attributes: { DelaySeconds: '0' } })),
});

const DEAD = 'people-dead-letters';
const deadLetterOperations: Record<string, Performer> = {
  [`${DEAD}: receive dead letters`]: receive(DEAD),
  [`${DEAD}: receive dead letters without TLS`]: receive(DEAD, true),
  [`${DEAD}: redrive`]: (clients, { lab, names }) => clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: lab.account.arn('sqs', names.of(DEAD)) })),
};

const table =
  (perform: (client: DynamoDBClient, TableName: string) => Promise<unknown>, plain = false): Performer =>
  (clients, { names }) =>
    perform((plain ? clients.plain : clients).dynamodb, names.table);
const byName = { KeyConditionExpression: '#n = :n', ExpressionAttributeNames: { '#n': 'Name' }, ExpressionAttributeValues: { ':n': PERSON.Name } };
const tableOperations: Record<string, Performer> = {
  'Person: get': table((client, TableName) => client.send(new GetItemCommand({ TableName, Key: PERSON }))),
  'Person: get without TLS': table((client, TableName) => client.send(new GetItemCommand({ TableName, Key: PERSON })), true),
  'Person: query': table((client, TableName) => client.send(new QueryCommand({ TableName, ...byName }))),
  'Person: scan': table((client, TableName) => client.send(new ScanCommand({ TableName }))),
  'Person: put': table((client, TableName) => client.send(new PutItemCommand({ TableName, Item: PERSON }))),
  'Person: update': table((client, TableName) => client.send(new UpdateItemCommand({ TableName, Key: PERSON }))),
  'Person: delete': table((client, TableName) => client.send(new DeleteItemCommand({ TableName, Key: PERSON }))),
  'Person: batch get': table((client, name) => client.send(new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [PERSON] } } }))),
  'Person: batch write': table((client, name) => client.send(new BatchWriteItemCommand({ RequestItems: { [name]: [{ PutRequest: { Item: PERSON } }] } }))),
  'Person: describe': table((client, TableName) => client.send(new DescribeTableCommand({ TableName }))),
};

/** Operations on a key; whatever succeeds is undone in the account itself, so that the next one finds the key as it was. */
function keyOperations(key: string): Record<string, Performer> {
  const find = ({ lab, names }: Stage) => lab.account.kms.find(names.keyAlias(key as 'queue'));
  const id = (stage: Stage) => ({ KeyId: find(stage).arn });
  const undone =
    (attempt: Performer): Performer =>
    async (clients, stage) => {
      const found = find(stage);
      try {
        return await attempt(clients, stage);
      } finally {
        found.state = 'Enabled';
        delete found.deletionDate;
      }
    };
  const grantee = ({ lab }: Stage) => `dynamodb.${lab.account.region}.amazonaws.com`;
  return {
    [`key ${key}: Encrypt directly`]: (clients, stage) => clients.kms.send(new EncryptCommand({ ...id(stage), Plaintext: Buffer.from('x') })),
    [`key ${key}: Decrypt directly`]: (clients, stage) => clients.kms.send(new DecryptCommand({ CiphertextBlob: stage.ciphertexts.get(key) })),
    [`key ${key}: GenerateDataKey directly`]: (clients, stage) => clients.kms.send(new GenerateDataKeyCommand({ ...id(stage), KeySpec: 'AES_256' })),
    [`key ${key}: CreateGrant directly`]: (clients, stage) =>
      clients.kms.send(new CreateGrantCommand({ ...id(stage), GranteePrincipal: grantee(stage), Operations: ['Decrypt'] })),
    [`key ${key}: see`]: (clients, stage) => clients.kms.send(new DescribeKeyCommand(id(stage))),
    [`key ${key}: change its policy`]: (clients, stage) => clients.kms.send(new PutKeyPolicyCommand({ ...id(stage), Policy: find(stage).policy.text() })),
    [`key ${key}: kms:GetKeyRotationStatus`]: (clients, stage) => clients.kms.send(new GetKeyRotationStatusCommand(id(stage))),
    [`key ${key}: disable`]: undone((clients, stage) => clients.kms.send(new DisableKeyCommand(id(stage)))),
    [`key ${key}: schedule its deletion`]: undone((clients, stage) =>
      clients.kms.send(new ScheduleKeyDeletionCommand({ ...id(stage), PendingWindowInDays: 7 })),
    ),
    [`key ${key}: cancel its deletion`]: undone((clients, stage) => clients.kms.send(new CancelKeyDeletionCommand(id(stage)))),
  };
}

const ROLES = [
  'AdminRole',
  'ConsumerRole',
  'DBAccessNotAllowedRole',
  'DBAccessRole',
  'DeployerRole',
  'KeyManagerRole',
  'OperatorRole',
  'SQSAccessNotAllowedRole',
  'SQSAccessRole',
];
const roleOperations: Record<string, Performer> = Object.fromEntries(
  ROLES.map((role): [string, Performer] => [
    `assume ${role}`,
    (clients, { lab, names }) =>
      clients.sts.send(new AssumeRoleCommand({ RoleArn: lab.account.iam.arn('role', '/', names.of(role)), RoleSessionName: 'verify' })),
  ]),
);

const functionOperations: Record<string, Performer> = {
  'consumer: change its code': (clients, { lab, names }) =>
    clients.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: names.function, ZipFile: lab.account.lambda.find(names.function).zip })),
  'consumer: invoke': (clients, { names }) => clients.lambda.send(new InvokeCommand({ FunctionName: names.function, InvocationType: 'DryRun' })),
  'logs of consumer: read': (clients, { names }) => clients.logs.send(new FilterLogEventsCommand({ logGroupName: names.logGroup, limit: 1 })),
  'logs of consumer: write': (clients, { names }) =>
    clients.logs.send(new PutLogEventsCommand({ logGroupName: names.logGroup, logStreamName: 'stream', logEvents: [] })),
};

/** How operations of the matrix are performed; the account decides about those that are not listed. */
export const PERFORMERS: Readonly<Record<string, Performer>> = {
  ...queueOperations('people'),
  ...queueOperations(DEAD),
  ...deadLetterOperations,
  ...tableOperations,
  ...keyOperations('queue'),
  ...keyOperations('table'),
  ...keyOperations('logs'),
  ...roleOperations,
  ...functionOperations,
};
