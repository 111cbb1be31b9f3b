/**
 * Runs `npm start -- --people FILE` together with busy loops, and reports exit codes and medians: a machine that is busy must
 * not make the proof fail.
 *
 * npx tsx bench/under-load.ts [--busy 3] [--people 1,2,326] [--rounds 10] [--large 20000]
 *
 * `--large 0` leaves the large run out. The exit code is 1 when a run failed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

interface Run {
  readonly code: number;
  readonly seconds: number;
  readonly output: string;
}

const BUSY_LOOP = 'for (;;) {}';

function readOptions() {
  const { values } = parseArgs({
    options: {
      busy: { type: 'string', default: '3' },
      people: { type: 'string', default: '1,2,326' },
      rounds: { type: 'string', default: '10' },
      large: { type: 'string', default: '20000' },
    },
  });
  const count = (name: string, text: string) => {
    if (!/^\d+$/.test(text)) throw new Error(`--${name} takes whole numbers, not ${text}`);
    return Number(text);
  };
  return {
    busy: count('busy', values.busy),
    people: values.people.split(',').map((text) => count('people', text)),
    rounds: count('rounds', values.rounds),
    large: count('large', values.large),
  };
}

/** Starts one run; its output is kept for when it fails, and shown where `show` asks for it. */
function start(file: string, show: boolean): Promise<Run> {
  const started = process.hrtime.bigint();
  const child = spawn('npm', ['start', '--silent', '--', '--people', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      chunks.push(chunk);
      if (show)
        process.stdout.write(
          chunk
            .split('\n')
            .filter((line) => /^ {2}\d/.test(line))
            .map((line) => `${line}\n`)
            .join(''),
        );
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, seconds: Number(process.hrtime.bigint() - started) / 1e9, output: chunks.join('') }));
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Runs some rounds with as many people. @returns how many failed */
async function measure(folder: string, people: number, rounds: number, show: boolean): Promise<number> {
  const file = path.join(folder, `${people}.txt`);
  writeFileSync(file, Array.from({ length: people }, (_, index) => `Name${index}, Firstname${index}\n`).join(''));
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    const run = await start(file, show);
    runs.push(run);
    if (run.code !== 0)
      process.stdout.write(
        `${run.output
          .split('\n')
          .filter((line) => !line.includes('✔'))
          .join('\n')}\n`,
      );
  }
  const codes = runs.map(({ code }) => code);
  const seconds = median(runs.map((run) => run.seconds)).toFixed(1);
  process.stdout.write(`${people} people: exit codes ${codes.join(' ')}; median of ${rounds} ${seconds} s\n`);
  return codes.filter((code) => code !== 0).length;
}

async function main(): Promise<number> {
  const options = readOptions();
  const folder = mkdtempSync(path.join(tmpdir(), 'under-load-'));
  const loops: ChildProcess[] = Array.from({ length: options.busy }, () => spawn(process.execPath, ['-e', BUSY_LOOP], { stdio: 'ignore' }));
  const end = () => {
    for (const loop of loops) loop.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  let failed = 0;
  if (options.rounds > 0) for (const people of options.people) failed += await measure(folder, people, options.rounds, false);
  if (options.large > 0) failed += await measure(folder, options.large, 1, true);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  },
);
