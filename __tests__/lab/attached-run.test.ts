import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { labEnvironment } from '../../cli/shared/lab-environment';
import { WaitingProcess } from '../../lab/provider/waiting-process';
import { REGION, startLab, type TestLab } from './support';
import type { Run } from './terraform';

let test: TestLab;
let folder: string;
beforeAll(async () => {
  test = await startLab();
});
afterAll(() => test.stop());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'attached-'));
  const source = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}';
  writeFileSync(path.join(folder, 'main.tf'), `${source}\nprovider "aws" { region = "${REGION}" }\ndata "aws_caller_identity" "me" {}\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const attach = () => test.lab.attach(test.lab.bootstrap.accessKeyId, [folder]);

/** Terraform with a value of TF_REATTACH_PROVIDERS, in the test's folder. */
async function terraform(reattach: string, ...args: string[]): Promise<Run> {
  const env = labEnvironment({
    endpointUrl: test.lab.endpoint.url,
    region: REGION,
    credentials: test.lab.bootstrap,
    reattach,
    stateFolder: test.lab.stateFolder,
    user: 'pat',
  });
  const child = spawn('terraform', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (ended) => resolve(ended ?? 1));
  });
  // Terraform breaks lines.
  return { code, output: output.replace(/\s+/g, ' ') };
}

async function init(): Promise<void> {
  const run = await attach();
  const done = await terraform(run.reattach, 'init', '-no-color', '-input=false');
  expect(done).toMatchObject({ code: 0 });
  run.detach();
}

const ended = (waiting: WaitingProcess) => new Promise<void>((resolve) => waiting.onEnd(resolve));

/** A port of loopback where nothing listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The value with another address: as if its provider had stopped, or its process were another one. */
const replaceIn = (reattach: string, changes: object) =>
  JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(reattach) as Record<string, object>).map(([address, attachment]) => [address, { ...attachment, ...changes }])),
  );

const pidsOf = (reattach: string) => Object.values(JSON.parse(reattach) as Record<string, { Pid: number }>).map(({ Pid }) => Pid);
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('an attached run', () => {
  it('names a process of its own, which serves as long as the run and ends with it', async () => {
    const [first, second] = [await attach(), await attach()];
    const [pid = 0, ...others] = pidsOf(first.reattach);
    expect(others).toEqual([pid]);
    expect(pidsOf(second.reattach)).not.toContain(pid);
    expect([process.pid, process.ppid]).not.toContain(pid);
    expect(isAlive(pid)).toBe(true);
    first.detach();
    first.detach();
    while (isAlive(pid)) await new Promise(setImmediate);
    expect(isAlive(pidsOf(second.reattach)[0] ?? 0)).toBe(true);
    second.detach();
  });

  it('lets Terraform run more than once: none ends the process that it names', async () => {
    await init();
    const run = await attach();
    for (let count = 0; count < 2; count++) {
      expect(await terraform(run.reattach, 'plan', '-no-color', '-input=false')).toMatchObject({ code: 0 });
      expect(pidsOf(run.reattach).every(isAlive)).toBe(true);
    }
    run.detach();
  });

  it('is detached when Terraform, told an address that does not listen, ends the process; the lab lives on', async () => {
    await init();
    const run = await attach();
    const [pid = 0] = pidsOf(run.reattach);
    const stale = replaceIn(run.reattach, { Addr: { Network: 'tcp', String: `127.0.0.1:${await closedPort()}` } });

    const { code, output } = await terraform(stale, 'plan', '-no-color', '-input=false');

    expect(code).toBe(1);
    expect(output).toContain('Reattachment process not found');
    while (isAlive(pid)) await new Promise(setImmediate);
    expect(await test.bootstrap.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: expect.stringContaining('user/bootstrap') });
    expect((await terraform(run.reattach, 'plan', '-no-color', '-input=false')).output).toContain('Reattachment process not found');
    const next = await attach();
    expect(await terraform(next.reattach, 'plan', '-no-color', '-input=false')).toMatchObject({ code: 0 });
    next.detach();
  });

  it('that was detached gives a value which harms nobody: address and process have both ended', async () => {
    await init();
    const run = await attach();
    run.detach();
    expect(await terraform(run.reattach, 'plan', '-no-color', '-input=false')).toMatchObject({ code: 1 });
    expect(await test.bootstrap.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: expect.stringContaining('user/bootstrap') });
  });
});

describe('a waiting process', () => {
  it('tells its end, also to somebody who asks afterwards', async () => {
    const waiting = await WaitingProcess.start();
    const told = ended(waiting);
    process.kill(waiting.pid, 'SIGKILL');
    await told;
    await ended(waiting);
    waiting.stop();
  });
});
