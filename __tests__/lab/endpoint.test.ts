import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { REGION, startLab, type TestLab } from './support';

let test: TestLab;
beforeAll(async () => {
  test = await startLab();
});
afterAll(() => test.stop());

interface Sent {
  readonly status: number;
  readonly body: string;
}

/** Sends a request that no client would make, signed like any other. */
async function send(service: string, path: string, headers: Record<string, string>, body: string, signedFor = service): Promise<Sent> {
  const { hostname, port } = new URL(test.lab.endpoint.url);
  const signer = new SignatureV4({ credentials: test.lab.bootstrap, region: REGION, service: signedFor, sha256: Sha256 });
  const signed = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path,
    headers: { host: `${hostname}:${port}`, ...headers },
    body,
  });
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method: 'POST', headers: signed.headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const TARGET = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };

describe('a request that no client sends', () => {
  it.each<[string, () => Promise<Sent>]>([
    ['JSON null', () => send('sqs', '/', TARGET, 'null')],
    ['a JSON list', () => send('sqs', '/', TARGET, '[]')],
    ['no JSON', () => send('sqs', '/', TARGET, '{')],
    ['very deep JSON', () => send('sqs', '/', TARGET, `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`)],
    [
      'brackets that nest in a string only',
      () => send('sqs', '/', { ...TARGET, 'x-amz-target': 'AmazonSQS.CreateQueue' }, `{"QueueName":"${'['.repeat(500)}"}`),
    ],
    ['a path that is not percent-encoded text', () => send('lambda', '/2015-03-31/functions/%zz/invocations', {}, '{}')],
    ['a service of the name __proto__', () => send('__proto__', '/', TARGET, '{}')],
    [
      'a form nested thousands of levels',
      () => send('iam', '/', { 'content-type': 'application/x-www-form-urlencoded' }, `Action=ListRoles&${'a.'.repeat(5000)}=1`),
    ],
    [
      'a form with members of the name __proto__',
      () => send('iam', '/', { 'content-type': 'application/x-www-form-urlencoded' }, 'Action=GetRole&__proto__.RoleName=x'),
    ],
  ])('is refused as the client’s error, and no fault of the account: %s', async (_title, ask) => {
    const { status } = await ask();
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThanOrEqual(501);
    expect(status).not.toBe(500);
    expect(test.lab.account.faults.total).toBe(0);
  });

  it('that makes an operation fail in an unforeseen way ends alone, and is recorded', async () => {
    const { account } = test.lab;
    const { ListQueues: original } = account.sqs.operations;
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    Object.assign(account.sqs.operations, {
      ListQueues: {
        ...original,
        run: () => {
          throw new TypeError('unforeseen');
        },
      },
    });
    await expect(test.bootstrap.sqs.send(new ListQueuesCommand())).rejects.toMatchObject({ name: 'InternalFailure' });
    Object.assign(account.sqs.operations, { ListQueues: original });
    stderr.mockRestore();
    expect(account.faults.list().at(-1)).toMatchObject({ where: 'sqs:ListQueues', message: 'TypeError: unforeseen' });
    await expect(test.bootstrap.sqs.send(new ListQueuesCommand())).resolves.toBeDefined();
  });
});

it('A client that goes away in the middle of its request is no fault of the account', async () => {
  const { port } = new URL(test.lab.endpoint.url);
  const before = test.lab.account.faults.total;
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\r\nhost: lab\r\ncontent-length: 100\r\n\r\nbegun', () => socket.resetAndDestroy());
    });
    socket.on('error', reject).on('close', () => resolve());
  });
  // The endpoint has seen the end of the earlier connection when it answers on a later one.
  expect((await send('sqs', '/', TARGET, '{}')).status).toBe(200);
  await test.bootstrap.sqs.send(new ListQueuesCommand({}));
  expect(test.lab.account.faults.total).toBe(before);
});
