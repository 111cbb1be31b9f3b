import { spawn } from 'node:child_process';
import { PROJECT } from './project';
import { UserError } from './user-error';

const STACKS = ['identity', 'keys', 'dataplane'];
const HEARTBEAT_MS = 2000;
// Terraform and cdktf colour their output even without a terminal.
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g');

/** Runs the real `cdktf deploy identity keys dataplane`, telling how it gets on. */
export async function deploy(env: NodeJS.ProcessEnv, tell: (line: string) => void, verbose: boolean): Promise<void> {
  const output: string[] = [];
  let made = 0;
  let told = 0;
  const child = spawn('cdktf', ['deploy', ...STACKS, '--auto-approve'], { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const onLine = (line: string) => {
    output.push(line);
    if (verbose) return tell(line);
    if (/Creation complete|Modifications complete|Destruction complete/.test(line)) made += 1;
    const done = /^\s*Apply complete! (Resources: .*)$/.exec(line);
    if (done) tell(`  a stack is applied. ${done[1]}`);
  };
  for (const stream of [child.stdout, child.stderr]) forEachLine(stream, onLine);
  const heartbeat = setInterval(() => {
    if (!verbose) tell(made === told ? '  …' : `  ${made} resources so far`);
    told = made;
  }, HEARTBEAT_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearInterval(heartbeat));
  if (code !== 0) throw new UserError(`cdktf deploy failed (exit code ${code}):\n${verbose ? '' : output.slice(-60).join('\n')}`);
}

function forEachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).replaceAll(COLOUR, '').split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line.trimEnd());
  });
}
