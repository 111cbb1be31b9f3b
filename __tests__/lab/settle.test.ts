import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, PutFunctionConcurrencyCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { FUNCTION_POLICY, Functions, REFUSES_BAD } from './functions';
import { startLab, type TestLab } from './support';

let test: TestLab;
let functions: Functions;
beforeEach(async () => {
  test = await startLab();
  functions = await Functions.in(test);
});
afterEach(() => test.stop());

const EMPTY = { visible: 0, inFlight: 0, delayed: 0 };
const settle = () => test.lab.account.settle();

/** How far the account's clock was moved ahead, in whole seconds. */
async function movedBy(run: () => Promise<unknown>): Promise<number> {
  const { clock } = test.lab.account;
  const before = clock.now() - Date.now();
  await run();
  return Math.max(0, Math.round((clock.now() - Date.now() - before) / 1000));
}

describe('An account that settles', () => {
  it('has processed every good message and moved every bad one to the dead-letter queue', async () => {
    await functions.queue('work', { maxReceiveCount: 5 });
    await functions.make('worker', REFUSES_BAD);
    await functions.map('work', 'worker');
    for (const body of ['good', 'bad', 'fine']) await functions.send('work', body);
    const moved = await movedBy(async () => expect(await settle()).toEqual({ remaining: [] }));
    expect(await functions.counts('work')).toEqual(EMPTY);
    expect(await functions.counts('work-dead')).toEqual({ ...EMPTY, visible: 1 });
    // Five receives, each followed by the visibility timeout; not a second more.
    expect(moved).toBeGreaterThanOrEqual(5 * 120 - 5);
    expect(moved).toBeLessThanOrEqual(5 * 120);
  });

  it('does not move the clock while a function starts or runs, however long that takes', async () => {
    await functions.queue('slow', { maxReceiveCount: 1, visibility: 2 });
    const source =
      'const until = Date.now() + 700; while (Date.now() < until); exports.handler = () => new Promise((resolve) => setTimeout(resolve, 700, null));';
    await functions.make('sleeper', source);
    await functions.map('slow', 'sleeper');
    for (const body of ['a', 'b', 'c']) await functions.send('slow', body);
    expect(await movedBy(settle)).toBe(0);
    expect(await functions.counts('slow')).toEqual(EMPTY);
    expect(await functions.counts('slow-dead')).toEqual(EMPTY);
  });

  it('waits for delayed messages and for the end of a batching window', async () => {
    await functions.queue('delayed');
    await functions.make('worker', REFUSES_BAD);
    await functions.map('delayed', 'worker', { MaximumBatchingWindowInSeconds: 60, BatchSize: 100 });
    await functions.send('delayed', 'later', 600);
    const moved = await movedBy(settle);
    expect(await functions.counts('delayed')).toEqual(EMPTY);
    expect(moved).toBeGreaterThanOrEqual(658);
    expect(moved).toBeLessThanOrEqual(660);
  });

  it('leaves what nothing consumes, without waiting', async () => {
    await functions.queue('unread');
    await functions.send('unread', 'stays');
    expect(await movedBy(async () => expect(await settle()).toEqual({ remaining: [] }))).toBe(0);
    expect(await functions.counts('unread')).toEqual({ ...EMPTY, visible: 1 });
  });

  it('tells what a disabled mapping leaves, and processes it once the mapping is enabled', async () => {
    await functions.queue('paused');
    await functions.make('worker', REFUSES_BAD);
    const UUID = await functions.map('paused', 'worker', { Enabled: false });
    await functions.send('paused', 'good');
    expect(await settle()).toEqual({ remaining: [{ queue: 'paused', messages: 1, reason: 'the event source mapping is disabled' }] });
    await test.bootstrap.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    expect(await settle()).toEqual({ remaining: [] });
    expect(await functions.counts('paused')).toEqual(EMPTY);
  });

  it.each([120, 0])('gives a message up that always fails and that no redrive policy moves, visible again after %s s', async (visibility) => {
    await functions.queue('endless');
    await functions.make('worker', REFUSES_BAD);
    await functions.map('endless', 'worker');
    const Attributes = { VisibilityTimeout: String(visibility) };
    await test.bootstrap.sqs.send(new SetQueueAttributesCommand({ QueueUrl: functions.url('endless'), Attributes }));
    await functions.send('endless', 'bad');
    expect(await settle()).toEqual({ remaining: [{ queue: 'endless', messages: 1, reason: expect.stringContaining('no redrive policy') }] });
  });

  it('does not wait for a mapping whose role may not read the queue, and says why', async () => {
    await functions.queue('refused');
    await functions.make('worker', REFUSES_BAD);
    await functions.map('refused', 'worker');
    const { iam } = test.bootstrap;
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own' }));
    await functions.send('refused', 'good');
    expect(await settle()).toEqual({ remaining: [{ queue: 'refused', messages: 1, reason: expect.stringContaining('sqs:ReceiveMessage') }] });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'Function', PolicyName: 'own', PolicyDocument: FUNCTION_POLICY }));
    test.advance(5);
    expect(await settle()).toEqual({ remaining: [] });
  });

  it('ends when its signal aborts', async () => {
    await functions.make('hanging', 'exports.handler = () => new Promise(() => setInterval(() => {}, 1000));');
    await functions.invoke('hanging', {}, { InvocationType: 'Event' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(test.lab.account.settle({ signal })).rejects.toThrow('enough');
  });

  it('puts any messages where they belong, whatever their order and delay', async () => {
    await functions.make('worker', REFUSES_BAD);
    let queues = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ bad: fc.boolean(), delay: fc.nat(900) }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(20),
        async (messages, maxReceiveCount, MaximumBatchingWindowInSeconds) => {
          queues += 1;
          const name = `queue-${queues}`;
          await functions.queue(name, { maxReceiveCount, visibility: 30 });
          await functions.map(name, 'worker', { MaximumBatchingWindowInSeconds });
          for (const { bad, delay } of messages) await functions.send(name, bad ? 'bad' : 'good', delay);
          expect(await settle()).toEqual({ remaining: [] });
          expect(await functions.counts(name)).toEqual(EMPTY);
          expect(await functions.counts(`${name}-dead`)).toEqual({ ...EMPTY, visible: messages.filter(({ bad }) => bad).length });
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('An asynchronous invocation', () => {
  const event = { InvocationType: 'Event' as const };
  const dropped = () => test.lab.account.lambda.asyncEvents.dropped;

  it('is retried twice when the function fails, after one and two minutes, and then dropped', async () => {
    await functions.make('failing', "exports.handler = async () => { throw new Error('no'); };");
    await functions.invoke('failing', {}, event);
    const moved = await movedBy(settle);
    expect(moved).toBeGreaterThanOrEqual(178);
    expect(moved).toBeLessThanOrEqual(180);
    expect(dropped()).toEqual([expect.objectContaining({ functionName: 'failing', attempts: 3, reason: 'RetriesExhausted' })]);
  });

  it('of a function without concurrency is retried for six hours, and ends nothing else', async () => {
    await functions.make('throttled', 'exports.handler = async () => 1;');
    await test.bootstrap.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'throttled', ReservedConcurrentExecutions: 0 }));
    await functions.invoke('throttled', {}, event);
    expect(await movedBy(settle)).toBeGreaterThan(6 * 3600 - 5);
    expect(dropped()).toEqual([expect.objectContaining({ functionName: 'throttled', reason: 'EventAgeExceeded' })]);
    expect(test.lab.account.faults.total).toBe(0);
  });

  it('waits for concurrency: all run, though only one may at a time', async () => {
    await functions.queue('done');
    await functions.make('single', 'exports.handler = async () => 1;');
    await test.bootstrap.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'single', ReservedConcurrentExecutions: 1 }));
    for (let count = 0; count < 20; count++) await functions.invoke('single', {}, event);
    await settle();
    expect(test.lab.account.lambda.asyncEvents.pending).toBe(0);
    expect(dropped()).toEqual([]);
  });

  it('of a function that was deleted meanwhile is dropped', async () => {
    await functions.make('gone', "exports.handler = async () => { throw new Error('no'); };");
    await functions.invoke('gone', {}, event);
    await test.bootstrap.lambda.send(new DeleteFunctionCommand({ FunctionName: 'gone' }));
    await settle();
    expect(dropped()).toEqual([expect.objectContaining({ reason: expect.stringContaining('Function not found') })]);
  });
});
