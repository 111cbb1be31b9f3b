import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { UserError } from './user-error';

/** The folder in which Terraform runs for a stack. */
function stackFolder(stack: string): string {
  return path.resolve('cdktf.out', 'stacks', stack);
}

/** Whether the application was synthesized. */
export const isSynthesized = (stack: string) => existsSync(stackFolder(stack));

/** Runs Terraform for a stack, in the environment of this command: on AWS, or on the lab by `npm run lab -- exec`. */
export function terraform(stack: string, words: readonly string[]): string {
  return run(process.env.TERRAFORM_BINARY_NAME || 'terraform', words, stackFolder(stack), `terraform ${words[0]} failed for the stack ${stack}`);
}

/** Terraform's JSON of a plan. */
export function showPlan(stack: string, file: string): TerraformDocument {
  return JSON.parse(terraform(stack, ['show', '-json', file])) as TerraformDocument;
}

/** Terraform's JSON of a stack's state, also in a checkout that has not asked for it before. */
export function showState(stack: string): TerraformDocument {
  if (!isSynthesized(stack)) synthesize();
  if (!existsSync(path.join(stackFolder(stack), process.env.TF_DATA_DIR || '.terraform'))) initialize(stack);
  return JSON.parse(terraform(stack, ['show', '-json'])) as TerraformDocument;
}

/** Prepares Terraform for a stack: backend and providers. */
export function initialize(stack: string): void {
  terraform(stack, ['init', '-input=false', '-no-color']);
}

/** Writes the Terraform JSON of what the source says now. */
export function synthesize(): void {
  process.stderr.write('cdktf synth\n');
  run('cdktf', ['synth'], process.cwd(), 'cdktf synth failed');
}

function run(command: string, words: readonly string[], cwd: string, failed: string): string {
  const { TF_CLI_CONFIG_FILE: config, ...rest } = process.env;
  // A configuration file that does not exist makes Terraform print errors.
  const env = { ...rest, ...(config && existsSync(config) ? { TF_CLI_CONFIG_FILE: config } : {}), CHECKPOINT_DISABLE: '1' };
  try {
    return execFileSync(command, [...words], { cwd, env, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: string; stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw new UserError(`${command} must be on the PATH`, 1);
    throw new UserError(
      `${failed}:\n${[stdout, stderr]
        .map((text) => stripVTControlCharacters(text).trim())
        .filter(Boolean)
        .join('\n')}${hint()}`,
      1,
    );
  }
}

/** Whoever has a lab running, but asks outside of it, likely means the lab. */
function hint(): string {
  const inLab = process.env.TF_REATTACH_PROVIDERS !== undefined;
  return !inLab && existsSync(path.resolve('.lab', 'lab.json')) ? '\nA lab is running. To ask there: npm run lab -- exec -- npm run access -- …' : '';
}
