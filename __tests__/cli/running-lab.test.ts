import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Control, type Faults } from '../../cli/lab/control';
import { REQUESTS } from '../../cli/lab/control-requests';
import { ask, findLab, removeLabFile, requireNoLab, writeLabFile } from '../../cli/lab/running-lab';
import { Lab } from '../../lab/lab';

const folder = mkdtempSync(path.join(tmpdir(), 'running-lab-'));
const FILE = path.join(folder, 'lab.json');
const servers: Server[] = [];
afterEach(() => rmSync(FILE, { force: true }));
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

/** A program on this machine that is no lab. */
async function otherProgram(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a lab that was killed', () => {
  it('is none, although its process id is that of another program', async () => {
    const url = await otherProgram(() => undefined);
    await new Promise((resolve) => servers.at(-1)?.close(resolve));
    writeLabFile({ url, token: 'secret', pid: process.pid }, FILE);
    expect(await findLab(FILE)).toBeUndefined();
    await expect(requireNoLab(FILE)).resolves.toBeUndefined();
    await expect(ask(REQUESTS.status, {}, FILE)).rejects.toThrow('No lab is running here');
  });

  it.each<[string, RequestListener]>([
    ['answers something else', (_request, response) => response.end('hello')],
    ['answers other JSON', (_request, response) => response.end('{"now":1}')],
    ['does not know the token', (_request, response) => response.writeHead(403).end('{"error":"Not the token of this lab"}')],
  ])('is none, although its port is that of a program that %s', async (_what, listener) => {
    writeLabFile({ url: await otherProgram(listener), token: 'secret', pid: process.pid }, FILE);
    expect(await findLab(FILE)).toBeUndefined();
  });

  it.each(['', '{', '[]', '{"url":"http://127.0.0.1:1"}'])('is none when its file holds %j', async (text) => {
    writeFileSync(FILE, text);
    expect(await findLab(FILE)).toBeUndefined();
  });
});

describe('a port that is held by something that breaks the connection', () => {
  it('is an error, because a lab may be behind it', async () => {
    writeLabFile({ url: await otherProgram((request) => request.socket.destroy()), token: 'secret', pid: 4711 }, FILE);
    await expect(findLab(FILE)).rejects.toThrow('does not answer. Stop its process (4711)');
  });
});

describe('a running lab', () => {
  const FAULTS: Faults = {
    total: 9,
    list: () => [1, 2, 3, 4, 5, 6].map((day) => ({ at: new Date(Date.UTC(2026, 0, day)), where: `function ${day}`, message: 'TypeError: odd' })),
  };
  const starting = new Control({ onStop: () => undefined });
  const faulty = new Control({ onStop: () => undefined, faultsOf: () => FAULTS });
  let labs: Lab[] = [];
  beforeAll(async () => {
    labs = await Promise.all(
      [starting, faulty].map((control, index) =>
        Lab.start({ region: 'eu-west-1', folder: path.join(folder, String(index)), control: (request, lab) => control.answer(request, lab) }),
      ),
    );
  });
  afterAll(() => Promise.all(labs.map((lab) => lab.stop())));
  const use = (control: Control, index: number) => writeLabFile({ url: String(labs[index]?.endpoint.url), token: control.token, pid: process.pid }, FILE);

  it('is found by its token, whatever its process id', async () => {
    writeLabFile({ url: String(labs[0]?.endpoint.url), token: starting.token, pid: 1 }, FILE);
    expect(await findLab(FILE)).toMatchObject({ pid: 1 });
    await expect(requireNoLab(FILE)).rejects.toThrow('A lab already runs in this project');
  });

  it('tells no faults, or their number and the last five', async () => {
    use(starting, 0);
    expect(await ask(REQUESTS.status, {}, FILE)).toMatchObject({ accountId: labs[0]?.account.accountId, faults: { total: 0, latest: [] } });
    use(faulty, 1);
    const { faults } = await ask(REQUESTS.status, {}, FILE);
    expect(faults.total).toBe(9);
    expect(faults.latest.map(({ where }) => where)).toEqual(['function 2', 'function 3', 'function 4', 'function 5', 'function 6']);
    expect(faults.latest[0]).toEqual({ time: '2026-01-02T00:00:00.000Z', where: 'function 2', message: 'TypeError: odd' });
  });

  it('moves its clock, and refuses a request that is not in its form', async () => {
    use(starting, 0);
    const before = Number(labs[0]?.account.clock.date());
    const { now } = await ask(REQUESTS.advance, { seconds: 300 }, FILE);
    expect(Date.parse(now) - before).toBeGreaterThanOrEqual(300_000);
    await expect(ask(REQUESTS.advance, { seconds: -1 }, FILE)).rejects.toThrow('The request is not in its form');
    await expect(ask(REQUESTS.credentials, { as: 'user' }, FILE)).rejects.toThrow('The lab is still starting');
    await expect(ask({ ...REQUESTS.stop, name: 'toString' }, {}, FILE)).rejects.toThrow('A lab does not answer /_lab/toString');
  });

  it('removes its own file only', () => {
    const own = { url: 'http://127.0.0.1:1', token: 'own', pid: 1 };
    writeLabFile({ ...own, token: 'another' }, FILE);
    removeLabFile(own, FILE);
    expect(existsSync(FILE)).toBe(true);
    writeLabFile(own, FILE);
    removeLabFile(own, FILE);
    expect(existsSync(FILE)).toBe(false);
  });
});
