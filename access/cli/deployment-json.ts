import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TerraformDocument } from '../deployment/terraform-json';
import { Failure } from './failure';
import { readJson } from './read-json';

/** The stacks of the application, in the order of their deployment. */
export const STACKS = ['identity', 'keys', 'dataplane'];

/**
 * Reads Terraform's JSON from files made by `terraform show -json`, or asks Terraform for that of the three stacks in
 * `cdktf.out`.
 *
 * @param from files, or `state` or `plan` alone; nothing means `state`
 */
export function readDocuments(from: readonly string[]): TerraformDocument[] {
  const [first] = from;
  if (from.length === 1 && first === 'plan') return planAll();
  if (from.length === 0 || (from.length === 1 && first === 'state'))
    return STACKS.map((stack) => JSON.parse(terraform(stack, ['show', '-json'])) as TerraformDocument);
  return from.map((file) => readJson(file) as TerraformDocument);
}

/** Plans every stack. A stack is planned against what the stacks before it have applied. */
function planAll(): TerraformDocument[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'access-plan-'));
  try {
    return STACKS.map((stack) => {
      process.stderr.write(`terraform plan of ${stack}\n`);
      const file = path.join(folder, stack);
      terraform(stack, ['plan', '-input=false', '-no-color', '-lock=false', `-out=${file}`]);
      return JSON.parse(terraform(stack, ['show', '-json', file])) as TerraformDocument;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder in which Terraform runs for a stack. */
export function stackFolder(stack: string): string {
  const folder = path.resolve('cdktf.out', 'stacks', stack);
  if (!existsSync(folder)) throw new Failure(`There is no ${folder}. Deploy first, or give files made by terraform show -json`, 1);
  return folder;
}

/** Runs Terraform for a stack, in the environment of this command: on AWS, or on the lab by `npm run lab -- exec`. */
export function terraform(stack: string, words: readonly string[]): string {
  try {
    return execFileSync(process.env.TERRAFORM_BINARY_NAME || 'terraform', [...words], {
      cwd: stackFolder(stack),
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Failure(`terraform ${words.join(' ')} failed for ${stack}:\n${stderr || message}`, 1);
  }
}
