import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { UserError } from './user-error';

/** Terraform's JSON of a large state, in bytes. */
const MAXIMUM_OUTPUT = 256 * 1024 * 1024;

/** Terraform, cdktf or another command of theirs failed; the message holds what it wrote. */
export class TerraformError extends UserError {}

/** The command that was to be run does not exist. */
export class CommandNotFound extends UserError {}

/** Where and how a command runs. */
export interface RunOptions {
  readonly cwd?: string;
  /** The environment of this process by default: AWS, or the lab by `npm run lab -- exec`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The command that runs Terraform: `TERRAFORM_BINARY_NAME` may name another one, as for cdktf. */
export function terraformBinary(env: NodeJS.ProcessEnv = process.env): string {
  return env.TERRAFORM_BINARY_NAME || 'terraform';
}

/** An environment that Terraform and cdktf run in without asking HashiCorp for newer versions. */
export function terraformEnvironment(base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { TF_CLI_CONFIG_FILE: configFile, ...env } = base;
  // A configuration file that does not exist makes Terraform print errors, and cdktf fail on OpenTofu.
  return { ...env, ...(configFile && existsSync(configFile) ? { TF_CLI_CONFIG_FILE: configFile } : {}), CHECKPOINT_DISABLE: '1' };
}

/** The folder in which Terraform runs for a stack, in the application that is in a folder. */
export function stackFolder(stack: string, application: string = process.cwd()): string {
  return path.join(application, 'cdktf.out', 'stacks', stack);
}

/**
 * Runs Terraform. This process keeps working meanwhile: it may itself be the provider that Terraform asks.
 *
 * @returns what it wrote to standard output
 * @throws TerraformError when it fails, CommandNotFound when it is not on the PATH
 */
export function runTerraform(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return runCommandLine(terraformBinary(options.env), args, options);
}

/** Runs Terraform in the folder of a stack, see {@link runTerraform}. */
export function runTerraformFor(stack: string, args: readonly string[], { cwd, env }: RunOptions = {}): Promise<string> {
  return runTerraform(args, { cwd: stackFolder(stack, cwd), env });
}

/** Prepares Terraform for a stack: backend and providers. */
export async function initialize(stack: string): Promise<void> {
  await runTerraformFor(stack, ['init', '-input=false', '-no-color']);
}

/** Writes the Terraform JSON of what the source says now. */
export async function synthesize(): Promise<void> {
  await runCommandLine('cdktf', ['synth'], {});
}

function runCommandLine(command: string, args: readonly string[], { cwd = process.cwd(), env }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: terraformEnvironment(env), encoding: 'utf8', maxBuffer: MAXIMUM_OUTPUT } as const;
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // A folder that is missing has the same code.
      if (error.code === 'ENOENT' && existsSync(cwd)) return reject(new CommandNotFound(`${command} must be on the PATH`, { cause: error }));
      const written = [stdout, stderr].map((text) => stripVTControlCharacters(text).trim()).filter(Boolean);
      const reason = written.length > 0 ? written.join('\n') : error.message;
      reject(new TerraformError(`${[command, ...args].join(' ')} failed in ${cwd}:\n${reason}`, { cause: error }));
    });
    child.stdin?.end();
  });
}
