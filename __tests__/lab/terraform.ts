import { spawn } from 'node:child_process';
import { labEnvironment } from '../../cli/shared/lab-environment';
import type { Credentials, Lab } from '../../lab/lab';

/** How a command ended. */
export interface Run {
  readonly code: number;
  readonly output: string;
}

/** Runs a command against a lab, as somebody, in a folder. */
export async function runAgainst(
  lab: Lab,
  credentials: Credentials,
  command: readonly string[],
  { cwd, folders = [cwd], env = {} }: { cwd: string; folders?: readonly string[]; env?: NodeJS.ProcessEnv },
): Promise<Run> {
  const attached = await lab.attach(credentials.accessKeyId, folders);
  const environment = labEnvironment({
    endpointUrl: lab.endpoint.url,
    region: lab.account.region,
    credentials,
    reattach: attached.reattach,
    stateFolder: lab.stateFolder,
    user: 'pat',
  });
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd, env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (ended) => resolve(ended ?? 1));
  });
  attached.detach();
  return { code, output };
}
