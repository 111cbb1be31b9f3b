import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { BOOTSTRAP_USER } from '../../lab/lab';
import { defineCommand } from '../shared/command-line';
import { labEnvironment } from '../shared/lab-environment';
import { LAB_USER } from '../shared/project';
import { UserError } from '../shared/user-error';
import { type Attached, REQUESTS } from './control-requests';
import { ask } from './running-lab';

/** The option that says as whom a command acts. */
export const AS_OPTION = {
  type: 'string',
  placeholder: 'IDENTITY',
  default: BOOTSTRAP_USER,
  description: 'bootstrap, user, or the name of a human role',
} as const;

/** `npm run lab -- exec` */
export const execCommand = defineCommand(
  {
    name: 'exec',
    summary: 'run cdktf, terraform, aws or any other command against the running lab',
    options: { as: AS_OPTION },
    arguments: {
      command: {
        type: 'string',
        placeholder: 'COMMAND',
        description: 'the command and its arguments, after two hyphens: npm run lab -- exec -- terraform version',
        required: true,
        multiple: true,
        afterHyphens: true,
      },
    },
    examples: [
      'npm run lab -- exec -- cdktf deploy identity keys dataplane',
      'npm run lab -- exec --as DBAccessRole -- aws dynamodb scan --table-name pipeline-Person',
    ],
    exitCodes: { 2: 'called wrongly', 127: 'the command was not found', other: "the command's own" },
  },
  ({ as, command }) => exec(as, command),
);

/** The folders in which a command starts Terraform: here, where its `-chdir` leads, and the stacks in its `--output`. */
function startFolders(command: readonly string[]): string[] {
  const named = command.flatMap(
    (arg, index) => /^(?:-chdir|--output|-o)=(.+)$/.exec(arg)?.[1] ?? (/^(--output|-o)$/.test(arg) ? (command[index + 1] ?? []) : []),
  );
  return [process.cwd(), ...named.map((folder) => path.resolve(folder))];
}

/** Runs a command against the running lab. @returns its exit code */
async function exec(as: string, command: readonly string[]): Promise<number> {
  const attached = await ask(REQUESTS.attach, { as, folders: startFolders(command) });
  try {
    return await run(command, environmentOf(attached));
  } finally {
    // A lab that has stopped meanwhile has detached everything.
    await ask(REQUESTS.detach, { id: attached.id }).catch(() => undefined);
  }
}

/** The environment of a command that acts with some credentials in the lab. */
export function environmentOf(attached: Omit<Attached, 'id'>): NodeJS.ProcessEnv {
  return labEnvironment({ ...attached, user: LAB_USER });
}

function run([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    // Ctrl-C reaches the child directly; this process waits for how it ends.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    child.once('error', (error: NodeJS.ErrnoException) => {
      process.off('SIGINT', ignore);
      reject(error.code === 'ENOENT' ? new UserError(`The command ${program} was not found`, { exitCode: 127, cause: error }) : error);
    });
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? exitCodeOfSignal(signal));
    });
  });
}

/** As shells do: https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
function exitCodeOfSignal(signal: NodeJS.Signals | null): number {
  return signal === null ? 1 : 128 + constants.signals[signal];
}
