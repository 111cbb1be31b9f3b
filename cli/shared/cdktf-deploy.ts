import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { STACKS } from '../../access/application';
import { PROJECT } from './project';
import { UserError } from './user-error';

const HEARTBEAT_MS = 2000;
/** So many of the last lines are shown when it fails. */
const SHOWN_LINES = 60;

/** How a deployment reports. */
export interface DeployOptions {
  /** Gets a line for each stack that is applied, and one every two seconds. */
  readonly log: (line: string) => void;
  /** Whether it gets every line of cdktf instead. */
  readonly verbose: boolean;
}

/**
 * Runs the real `cdktf deploy` for all stacks.
 *
 * @param env see {@link labEnvironment}
 * @throws UserError with the end of its output when it fails
 */
export async function deploy(env: NodeJS.ProcessEnv, { log, verbose }: DeployOptions): Promise<void> {
  const output: string[] = [];
  let completed = 0;
  let reported = 0;
  const child = spawn('cdktf', ['deploy', ...STACKS, '--auto-approve'], { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const onLine = (line: string) => {
    output.push(line);
    if (verbose) return log(line);
    if (/Creation complete|Modifications complete|Destruction complete/.test(line)) completed += 1;
    const applied = /^\s*Apply complete! (Resources: .*)$/.exec(line);
    if (applied) log(`  a stack is applied. ${applied[1]}`);
  };
  for (const stream of [child.stdout, child.stderr]) forEachLine(stream, onLine);
  const heartbeat = setInterval(() => {
    if (!verbose) log(completed === reported ? '  …' : `  ${completed} resources so far`);
    reported = completed;
  }, HEARTBEAT_MS);
  // An interrupted program must not leave a deployment behind that runs on.
  const kill = () => child.kill();
  process.once('exit', kill);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new UserError(`cdktf cannot be run: ${cause.message}. Install it: npm ci`, { cause })));
    child.once('close', resolve);
  }).finally(() => {
    clearInterval(heartbeat);
    process.off('exit', kill);
  });
  if (code !== 0) throw new UserError(`cdktf deploy failed (exit code ${code}):\n${verbose ? '' : output.slice(-SHOWN_LINES).join('\n')}`);
}

/** Terraform and cdktf colour their output even without a terminal. */
function forEachLine(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream }).on('line', (line) => {
    const text = stripVTControlCharacters(line).trimEnd();
    if (text) onLine(text);
  });
}
