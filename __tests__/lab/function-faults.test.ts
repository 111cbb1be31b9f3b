import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';
import { Account } from '../../lab/account/account';
import { Functions, packageOf } from './functions';
import { startLab, type TestLab } from './support';

let test: TestLab;
let functions: Functions;
beforeAll(async () => {
  test = await startLab();
  functions = await Functions.in(test);
});
afterAll(() => test.stop());

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Processes end a moment after they were told to. */
async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}

describe('A function cannot end the account', () => {
  it.each([
    ['null', 'null\\n'],
    ['what is no JSON', '{{{\\n'],
    ['a number', '7\\n'],
    ['a forged result', '{"type":"result","id":"forged","result":"forged"}\\n'],
    ['an error without text', '{"type":"error","id":"forged","error":null}\\n'],
    ['a line without end', 'x'.repeat(100)],
  ])('by sending %s', async (what, line) => {
    const name = `sends-${what.replaceAll(' ', '-')}`;
    await functions.make(name, `exports.handler = async () => { require('fs').writeSync(3, '\\n${line}\\n'); return { has: typeof process.send }; };`);
    expect(await functions.invoke(name, {})).toEqual({ value: { has: 'undefined' }, failed: false });
  });

  it.each([
    ['returning a cycle', 'const a = {}; a.a = a; return a;', 'Runtime.MarshalError'],
    ['returning a big integer', 'return 1n;', 'Runtime.MarshalError'],
    ['returning more than 6 MB', "return 'x'.repeat(7 * 1024 * 1024);", 'Function.ResponseSizeTooLarge'],
    ['throwing null', 'throw null;', 'Error'],
    ['exiting', 'process.exit(3);', 'Runtime.ExitError'],
    ['killing itself', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});", 'Runtime.ExitError'],
    ['closing its channel', "require('fs').closeSync(3); await new Promise((resolve) => setTimeout(resolve, 1e9));", 'Runtime.ExitError'],
  ])('by %s', async (what, body, errorType) => {
    const name = what.replaceAll(/\W/g, '-');
    await functions.make(name, `exports.handler = async () => { ${body} };`);
    const { failed, value } = await functions.invoke(name, {});
    expect(failed).toBe(true);
    expect(value).toMatchObject({ errorType });
  });

  it('by writing without end, in one line', async () => {
    await functions.make('writing', "exports.handler = async () => { process.stdout.write('x'.repeat(20 * 1024 * 1024)); return 'written'; };");
    expect(await functions.invoke('writing', {})).toEqual({ value: 'written', failed: false });
  });

  it('by events that are nested deeper than its process could be told', async () => {
    await functions.make('nested', 'exports.handler = async () => 1;');
    const Payload = Buffer.from('['.repeat(50_000) + ']'.repeat(50_000));
    for (const InvocationType of ['RequestResponse', 'Event'] as const) {
      const refused = { name: 'InvalidRequestContentException' };
      await expect(test.bootstrap.lambda.send(new InvokeCommand({ FunctionName: 'nested', Payload, InvocationType }))).rejects.toMatchObject(refused);
    }
    expect(await functions.invoke('nested', {})).toEqual({ value: 1, failed: false });
  });

  it('and has recorded no fault for it', () => {
    expect(test.lab.account.faults.list()).toEqual([]);
  });

  it('by folders that cannot be removed: that is recorded', async () => {
    const nest = "for (let i = 0; i < 30; i++) { fs.mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)); }";
    const source = `const fs = require('fs'); exports.handler = async () => { ${nest} process.exit(3); };`;
    const other = await startLab();
    try {
      const own = await Functions.in(other);
      await own.make('nesting', source);
      expect(await own.invoke('nesting', {})).toMatchObject({ failed: true, value: { errorType: 'Runtime.ExitError' } });
      const { faults } = other.lab.account;
      expect(faults.list()).toContainEqual(expect.objectContaining({ where: 'the folder of nesting', message: expect.stringContaining('ENAMETOOLONG') }));
      // Node cannot remove it, as the test is about; the system's command can.
      const [folder = ''] = /\/[^\s']*lab-lambda-[^/']+/.exec(faults.list()[0]?.message ?? '') ?? [];
      execFileSync('rm', ['-rf', folder]);
    } finally {
      await other.stop();
    }
  });

  it('by a process that cannot be started', () => {
    // The limit holds for a process of its own: it makes an account, and opens files until no more can be opened.
    const output = execFileSync('sh', ['-c', 'ulimit -n 128; exec "$0" --import tsx __tests__/lab/no-more-files.ts', process.execPath], { encoding: 'utf8' });
    expect(output).toContain('No process could be started');
    expect(output).toContain('the account lives on');
  });
});

describe('A function that does not load', () => {
  it.each([
    ['its file is missing', packageOf('', 'other.js'), {}, 'Runtime.ImportModuleError', "Error: Cannot find module 'index'"],
    ['it needs a module that is missing', packageOf("require('none');"), {}, 'Runtime.ImportModuleError', "Cannot find module 'none'"],
    ['it exports no handler', packageOf('exports.other = 1;'), {}, 'Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
    ['it is no JavaScript', packageOf('this is no'), {}, 'Runtime.UserCodeSyntaxError', 'SyntaxError'],
    ['its handler has no dot', packageOf(''), { Handler: 'index' }, 'Runtime.MalformedHandlerName', 'Bad handler'],
    ['it throws', packageOf("throw new TypeError('early');"), {}, 'TypeError', 'early'],
  ])('because %s fails as on Lambda', async (why, zip, more, errorType, errorMessage) => {
    const name = why.replaceAll(/\W/g, '-');
    await functions.make(name, zip, more);
    const expected = { failed: true, value: { errorType, errorMessage: expect.stringContaining(errorMessage) } };
    expect(await functions.invoke(name, {})).toMatchObject(expected);
    expect(await functions.invoke(name, {})).toMatchObject(expected);
  });

  it('is not to be confused with an ECMAScript module, or one in a folder', async () => {
    await functions.make('module', packageOf('export const handler = async () => import.meta.url.slice(-9);', 'index.mjs'));
    expect((await functions.invoke('module', {})).value).toBe('index.mjs');
    await functions.make('folder', packageOf('exports.api = { get: async () => 1 };', 'src/app.js'), { Handler: 'src/app.api.get' });
    expect((await functions.invoke('folder', {})).value).toBe(1);
  });
});

describe('The lines of a function', () => {
  it('are in its log group when the invocation is answered, also the last one without an end', async () => {
    await test.bootstrap.logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/talkative' }));
    const source = "exports.handler = async () => { for (let i = 0; i < 200; i++) console.log('line ' + i); process.stderr.write('last'); };";
    await functions.make('talkative', source);
    await functions.invoke('talkative', {});
    const { events } = await test.bootstrap.logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/talkative' }));
    expect(events?.map(({ message }) => message).sort()).toEqual(['last', ...Array.from({ length: 200 }, (_, index) => `line ${index}`)].sort());
  });
});

describe('The processes of functions', () => {
  const pids = () => test.lab.account.lambda.runtime.processes();

  it('that run outdated code end when they are idle, and their folders go', async () => {
    const { lambda } = test.bootstrap;
    const before = pids().length;
    const code = (answer: number) => packageOf(`exports.handler = () => new Promise((resolve) => setTimeout(resolve, 300, [${answer}, __dirname]));`);
    await functions.make('updated', code(0));
    const answers: Promise<{ value: unknown }>[] = [];
    for (let round = 1; round <= 3; round++) {
      for (let count = 0; count < 3; count++) answers.push(functions.invoke('updated', {}));
      await new Promise((resolve) => setImmediate(resolve));
      test.advance(1);
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'updated', ZipFile: code(round) }));
    }
    const folders = (await Promise.all(answers)).map(({ value }) => (value as [number, string])[1]);
    expect((await functions.invoke('updated', {})).value).toEqual([3, expect.any(String)]);
    expect(pids().length - before).toBe(1);
    expect(folders.filter((folder) => existsSync(folder)).length).toBeLessThanOrEqual(1);
  });

  it('end with all that they started', async () => {
    const source =
      "exports.handler = async () => { const child = require('child_process').spawn('sleep', ['1000'], { stdio: 'inherit' }); setTimeout(() => process.exit(1), 50); return child.pid; };";
    await functions.make('parent', source);
    const { value } = await functions.invoke('parent', {});
    await ended(Number(value));
  });

  it('end with the account, also one that hangs, and leave no folder', async () => {
    const other = await startLab();
    const own = await Functions.in(other);
    await own.make('hanging', 'exports.handler = async (event) => event.hang ? new Promise(() => setInterval(() => {}, 1000)) : __dirname;');
    const { value: folder } = await own.invoke('hanging', {});
    expect(existsSync(String(folder))).toBe(true);
    await own.invoke('hanging', { hang: true }, { InvocationType: 'Event' });
    const running = other.lab.account.lambda.runtime.processes();
    expect(running.length).toBeGreaterThan(0);
    await other.stop();
    for (const pid of running) await ended(pid);
    expect(existsSync(String(folder))).toBe(false);
  });
});

describe('An account', () => {
  it('records a fault that nobody foresaw, and lives on', async () => {
    const account = new Account();
    const root = account.call(account.sts.rootCredentials().caller);
    const { CreateQueue } = account.sqs.operations;
    const broken = {
      ...CreateQueue,
      run: () => {
        throw new TypeError('nobody foresaw this');
      },
    };
    await expect(account.perform(broken, { QueueName: 'a' }, root)).rejects.toThrow('nobody foresaw this');
    account.faults.own('a promise', Promise.reject(new RangeError('nor this')));
    await account.settle();
    expect(account.faults.list()).toMatchObject([
      { where: 'sqs:CreateQueue', message: 'TypeError: nobody foresaw this' },
      { where: 'a promise', message: 'RangeError: nor this' },
    ]);
    for (let count = 0; count < 500; count++) account.faults.record('again', 'and again');
    expect(account.faults.list()).toHaveLength(100);
    expect(account.faults.total).toBe(502);
  });

  it('answers while a message moves between two dead-letter queues', () => {
    // In a process of its own, which ends when it does not answer: a test of the same process could not.
    const output = execFileSync(process.execPath, ['--import', 'tsx', '__tests__/lab/dead-letter-circle.ts'], { encoding: 'utf8', timeout: 30_000 });
    expect(output).toContain('the account lives on');
  });

  it('holds 140,000 delayed messages', async () => {
    const account = new Account();
    const root = account.call(account.sts.rootCredentials().caller);
    const { sqs } = account;
    const { QueueUrl } = await account.perform(sqs.operations.CreateQueue, { QueueName: 'many' }, root);
    for (let batch = 0; batch < 14_000; batch++) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: 'x', DelaySeconds: 900 }));
      await account.perform(sqs.operations.SendMessageBatch, { QueueUrl, Entries }, root);
    }
    const receiving = account.perform(sqs.operations.ReceiveMessage, { QueueUrl, WaitTimeSeconds: 20 }, root);
    await new Promise((resolve) => setImmediate(resolve));
    account.clock.advance(20_000);
    expect(await receiving).toEqual({});
    expect(sqs.queues.get('many')?.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 140_000 });
  });
});

it('Packages are checked when they are uploaded', async () => {
  const bad = Buffer.from(zipSync({ '../index.js': Buffer.from('') }));
  const refused = { name: 'InvalidParameterValueException', message: expect.stringContaining('Could not unzip uploaded file') };
  await expect(functions.make('bad', bad)).rejects.toMatchObject(refused);
  await functions.make('good', 'exports.handler = async () => 1;');
  await expect(test.bootstrap.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'good', ZipFile: bad }))).rejects.toMatchObject(refused);
  expect((await functions.invoke('good', {})).value).toBe(1);
});
