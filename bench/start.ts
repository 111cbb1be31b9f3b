/**
 * Measures `npm start` against a bare `cdktf deploy` of the same stacks with providers that do nothing, side by side.
 *
 * npx tsx bench/start.ts [ROUNDS]
 */
import '../cli/shared/quiet';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { labEnvironment } from '../cli/shared/lab-environment';
import { Account } from '../lab/account/account';
import { AttachedRun } from '../lab/provider/attached-run';
import { Files } from '../lab/provider/files';
import { ARCHIVE, AWS } from '../lab/provider/schema/schema';
import { STACKS } from '../stacks/names';
import { noOpTypes } from './no-op-provider';

async function timed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit code ${String(code)}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function bareDeploy(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bare-'));
  const account = new Account();
  const caller = account.sts.rootCredentials().caller;
  const files = new Files(() => []);
  const providers = [noOpTypes('hashicorp/aws', AWS), noOpTypes('hashicorp/archive', ARCHIVE)];
  const run = await AttachedRun.start({ account, providers, caller, files });
  const env = labEnvironment({
    endpointUrl: 'http://127.0.0.1:9',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    reattach: run.reattach,
    stateFolder: path.join(folder, 'state'),
    user: 'pat',
  });
  const seconds = await timed('cdktf', ['deploy', ...STACKS, '--auto-approve', '--output', path.join(folder, 'out')], env);
  run.detach();
  rmSync(folder, { recursive: true, force: true });
  return seconds;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 3);
  const bare: number[] = [];
  const whole: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    bare.push(await bareDeploy());
    whole.push(await timed('npm', ['start', '--silent'], process.env));
    process.stdout.write(`round ${round}: bare cdktf deploy ${bare.at(-1)?.toFixed(1)} s, npm start ${whole.at(-1)?.toFixed(1)} s\n`);
  }
  process.stdout.write(
    `medians of ${rounds}: bare cdktf deploy ${median(bare).toFixed(1)} s, npm start ${median(whole).toFixed(1)} s, ratio ${(median(whole) / median(bare)).toFixed(2)}\n`,
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  },
);
