import { spawn } from 'node:child_process';
import path from 'node:path';
import { labEnvironment } from '../shared/lab-environment';
import { LAB_USER } from '../shared/project';
import { UserError } from '../shared/user-error';
import type { Attached } from './control';
import { ask } from './running-lab';

/** The folders in which a command starts Terraform: here, where its `-chdir` leads, and the stacks in its `--output`. */
function startFolders(command: readonly string[]): string[] {
  const named = command.flatMap(
    (word, index) => /^(?:-chdir|--output|-o)=(.+)$/.exec(word)?.[1] ?? (/^(--output|-o)$/.test(word) ? (command[index + 1] ?? []) : []),
  );
  return [process.cwd(), ...named.map((folder) => path.resolve(folder))];
}

/** Runs a command against the running lab. @returns its exit code */
export async function exec(as: string, command: readonly string[]): Promise<number> {
  const attached = await ask('attach', { as, folders: startFolders(command) });
  try {
    return await run(command, environmentOf(attached));
  } finally {
    await ask('detach', { id: attached.id }).catch(() => undefined);
  }
}

/** The environment of a command that acts as somebody in the lab. */
export function environmentOf(attached: Omit<Attached, 'id'>): NodeJS.ProcessEnv {
  return labEnvironment({ ...attached, user: LAB_USER });
}

function run([program = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: 'inherit', env });
    // Ctrl-C reaches the child directly; this process waits for how it ends.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? new UserError(`The command ${program} was not found`, 127) : error));
    child.once('exit', (code) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 1);
    });
  });
}
