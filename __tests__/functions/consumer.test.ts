import type { AddressInfo } from 'node:net';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import dynalite from 'dynalite';
import { consumer } from '../../functions/consumer/consume';
import { writePeople } from '../../functions/consumer/write-people';

const server = dynalite({ createTableMs: 0 });
let client: DynamoDBDocumentClient;
let lines: string[];
let tables = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }));
});

afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A fresh table for each test. */
async function makeTable(): Promise<string> {
  tables += 1;
  const TableName = `Person-${tables}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'Name', KeyType: 'HASH' },
        { AttributeName: 'Firstname', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'Name', AttributeType: 'S' },
        { AttributeName: 'Firstname', AttributeType: 'S' },
      ],
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  return TableName;
}

const names = async (TableName: string) =>
  ((await client.send(new ScanCommand({ TableName }))).Items ?? []).map((item) => `${item.Name}, ${item.Firstname}`).sort();

const record = (id: string, body: string, action = 'creation'): SQSRecord => ({
  messageId: id,
  receiptHandle: id,
  body,
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', SenderId: 'test', ApproximateFirstReceiveTimestamp: '0' },
  messageAttributes: { Action: { dataType: 'String', stringValue: action } },
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:people',
  awsRegion: 'eu-west-1',
});

const context = { functionName: 'consumer', awsRequestId: 'request', getRemainingTimeInMillis: () => 10_000 } as Context;

function handlerFor(tableName: string) {
  lines = [];
  const logger = new Logger({ serviceName: 'consumer', logLevel: 'DEBUG' });
  const write = (text: string) => lines.push(text);
  Object.assign(logger, { console: { log: write, info: write, warn: write, error: write, debug: write } });
  const metrics = new Metrics({ namespace: 'test', logger: undefined });
  jest.spyOn(metrics, 'publishStoredMetrics').mockImplementation(() => {
    metrics.clearMetrics();
    return metrics;
  });
  return (Records: SQSRecord[]) => consumer({ client, tableName, logger, metrics })({ Records } as SQSEvent, context);
}

describe('the consumer', () => {
  it('writes people of a batch larger than one write request, in any script', async () => {
    const tableName = await makeTable();
    const people = Array.from({ length: 60 }, (_, index) => `Ångström ${index}, 秀樹`);

    const response = await handlerFor(tableName)(people.map((body, index) => record(String(index), body)));

    expect(response).toEqual({ batchItemFailures: [] });
    expect(await names(tableName)).toEqual([...people].sort());
  });

  it('returns only the messages that failed', async () => {
    const tableName = await makeTable();

    const response = await handlerFor(tableName)([
      record('good', 'Doe, John'),
      record('malformed', 'Doe'),
      record('unknown', 'Doe, Jane', 'deletion'),
      record('other', 'Roe, Richard'),
    ]);

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'malformed' }, { itemIdentifier: 'unknown' }] });
    expect(await names(tableName)).toEqual(['Doe, John', 'Roe, Richard']);
  });

  it('fails no more than the messages when all of them are bad', async () => {
    const response = await handlerFor(await makeTable())([record('one', 'x'), record('two', 'y')]);
    expect(response.batchItemFailures).toHaveLength(2);
  });

  it('accepts the same person twice in a batch, and the same message again', async () => {
    const tableName = await makeTable();
    const handle = handlerFor(tableName);
    const batch = [record('first', 'Doe, John'), record('second', 'Doe, John'), record('second', 'Doe, John')];

    await handle(batch);
    const before = await names(tableName);
    const again = await handle(batch);

    expect(again).toEqual({ batchItemFailures: [] });
    expect(await names(tableName)).toEqual(before);
    expect(before).toEqual(['Doe, John']);
  });

  it('returns every readable message when the table cannot be written', async () => {
    const response = await handlerFor('no-such-table')([record('one', 'Doe, John'), record('two', 'Roe, Jane')]);
    expect(response.batchItemFailures.map((failure) => failure.itemIdentifier)).toEqual(['one', 'two']);
  });

  it('logs reason codes and message ids, never a message', async () => {
    await handlerFor(await makeTable())([
      record('id-1', 'Secretname without comma'),
      record('id-2', 'Secretname, Secretfirst'),
      record('id-3', 'Secretname, Secretfirst', 'deletion'),
    ]);

    const log = lines.join('\n');
    expect(log).toContain('BODY_NOT_UNDERSTOOD');
    expect(log).toContain('UNKNOWN_ACTION');
    expect(log).toContain('id-1');
    expect(log).not.toContain('Secret');
  });
});

describe('writing people', () => {
  /** A client of the real server that leaves some items of the first requests unprocessed, as a busy table does. */
  function busyClient(refusals: number): DynamoDBDocumentClient {
    let left = refusals;
    const send = async (command: BatchWriteCommand) => {
      if (left <= 0) return client.send(command);
      left -= 1;
      const [[table = '', requests = []] = []] = Object.entries(command.input.RequestItems ?? {});
      const [first, ...rest] = requests;
      await client.send(new BatchWriteCommand({ RequestItems: { [table]: first ? [first] : [] } }));
      return { UnprocessedItems: rest.length > 0 ? { [table]: rest } : {} };
    };
    return { send } as unknown as DynamoDBDocumentClient;
  }
  const people = [1, 2, 3, 4].map((number) => ({ Name: `Doe ${number}`, Firstname: 'John' }));

  it('sends again what DynamoDB left unprocessed, with growing pauses', async () => {
    const tableName = await makeTable();
    const pauses: number[] = [];
    jest.spyOn(Math, 'random').mockReturnValue(0.5);

    const outcomes = await writePeople(busyClient(3), tableName, people, async (ms) => {
      pauses.push(ms);
    });

    jest.restoreAllMocks();
    expect(outcomes).toEqual([undefined, undefined, undefined, undefined]);
    expect(await names(tableName)).toHaveLength(4);
    expect(pauses).toEqual([50, 100, 200]);
  });

  it('fails what was never accepted, and only that', async () => {
    const outcomes = await writePeople(
      busyClient(Number.POSITIVE_INFINITY),
      await makeTable(),
      [...people, ...people.map((person) => ({ ...person, Firstname: 'Jane' }))],
      async () => {},
    );
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(6);
    expect(outcomes.filter(Boolean).map((outcome) => outcome?.message)).toEqual(['WRITE_NOT_ACCEPTED', 'WRITE_NOT_ACCEPTED']);
  });
});
