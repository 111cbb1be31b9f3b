import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isOfApplication, missingStacks, STACKS, type StackName } from '../../access/application';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { resourcesBefore, resourcesOf } from '../../access/graph/terraform-resource';
import { findLab } from '../lab/running-lab';
import { processOutput } from '../shared/output';
import { initialize, type RunOptions, runTerraformFor, stackFolder, synthesize, TerraformError } from '../shared/terraform';
import { UserError } from '../shared/user-error';
import { parseTerraformJson, readTerraformFile } from './documents/terraform-file';

/** Terraform's JSON of the stacks. */
export interface Documents {
  readonly documents: readonly TerraformDocument[];
  /** The file of each: the one that was given, or the configuration of the stack that Terraform was asked about. */
  readonly files: readonly string[];
  /** Stacks that cannot be planned before those that they need are applied. */
  readonly pending: readonly StackName[];
}

/** Whose files are read. */
export type Project = 'application' | 'any';

/** Terraform's JSON, and whether it is of this application. */
export interface ProjectDocuments extends Documents {
  readonly project: Project;
}

/** The option that says whose files they are. */
export const PROJECT_OPTION = {
  type: 'string',
  choices: ['application', 'any'],
  description: 'whose the files are; told by the addresses of their resources by default',
} as const;

/**
 * Reads Terraform's JSON of this application as {@link readDocuments} does, or that of any project as the files have it.
 *
 * @param project whose files they are; told by their resources unless given
 */
export async function readProject(from: readonly string[], project?: Project): Promise<ProjectDocuments> {
  const [first] = from;
  if (from.length === 1 && (first === 'plan' || first === 'state')) return { ...(await readDocuments(from)), project: 'application' };
  const given = await inTurn(from, (file) => readTerraformFile(file, processOutput.log));
  const told = project ?? (isOfApplication(given) ? 'application' : 'any');
  return told === 'any' ? { documents: given, files: from, pending: [], project: told } : { ...(await completed(given, from)), project: told };
}

/**
 * Reads Terraform's JSON from files made by `terraform show -json`, or asks Terraform for that of the three stacks. Files
 * that do not contain all stacks are completed by the states of the others.
 *
 * @param from files, or `state` or `plan` alone
 * @throws UserError when a file or a stack's state is missing, or Terraform fails
 */
export async function readDocuments(from: readonly string[]): Promise<Documents> {
  try {
    const [first] = from;
    if (from.length === 1 && first === 'plan') return await planAll();
    if (from.length === 1 && first === 'state') return { documents: await inTurn(STACKS, stateOf), files: STACKS.map(configurationOf), pending: [] };
    return await completed(await inTurn(from, (file) => readTerraformFile(file, processOutput.log)), from);
  } catch (error) {
    throw await hinted(error);
  }
}

/** Completes files by the states of the stacks that they do not contain. */
async function completed(given: readonly TerraformDocument[], from: readonly string[]): Promise<Documents> {
  try {
    const missing = missingStacks(given);
    const states = await inTurn(missing, stateOfMissing);
    return { documents: [...given, ...states], files: [...from, ...missing.map(configurationOf)], pending: [] };
  } catch (error) {
    throw await hinted(error);
  }
}

async function hinted(error: unknown): Promise<unknown> {
  const hint = error instanceof TerraformError ? await labHint() : '';
  return hint ? new UserError(`${(error as TerraformError).message}\n${hint}`, { cause: error }) : error;
}

/** Says which file tells of a resource; the first one where none does. */
export function fileFinder({ documents, files }: Documents): (address: string | undefined) => string {
  const fileByAddress = new Map<string, string>();
  documents.forEach((document, index) => {
    for (const { address } of [...resourcesOf(document), ...resourcesBefore(document)]) {
      if (!fileByAddress.has(address)) fileByAddress.set(address, files[index] ?? '');
    }
  });
  return (address) => (address === undefined ? undefined : fileByAddress.get(address)) ?? files[0] ?? '';
}

const configurationOf = (stack: StackName) => path.join(stackFolder(stack), 'cdk.tf.json');

/** Terraform's JSON of the state of a stack that is initialized, or of a plan of it. */
export async function showDocument(stack: string, args: readonly string[] = [], options: RunOptions = {}): Promise<TerraformDocument> {
  const text = await runTerraformFor(stack, ['show', '-json', ...args], options);
  return parseTerraformJson(text, `What terraform show printed for the stack ${stack}`);
}

/** The state of a stack, also in a checkout that has not asked for it before. */
async function stateOf(stack: StackName): Promise<TerraformDocument> {
  if (!existsSync(stackFolder(stack))) await synthesizeLogged();
  if (!existsSync(path.join(stackFolder(stack), process.env.TF_DATA_DIR || '.terraform'))) await initialize(stack);
  return showDocument(stack);
}

/** Without one of the stacks access cannot be decided, so its absence must not look like nothing to report. */
async function stateOfMissing(stack: StackName): Promise<TerraformDocument> {
  const missing = `The files contain nothing of the stack ${stack}, without which access cannot be decided. Give its plan or state too`;
  if (!existsSync(stackFolder(stack))) throw new UserError(missing);
  processOutput.log(`The files contain nothing of the stack ${stack}: asking Terraform for its state`);
  const state = await stateOf(stack);
  if (!state.values?.root_module?.resources?.length) throw new UserError(`${missing}; Terraform has no state of it here`);
  return state;
}

/** Synthesizes and plans every stack. A stack is planned against what the stacks before it have applied. */
async function planAll(): Promise<Documents> {
  await synthesizeLogged();
  const folder = mkdtempSync(path.join(tmpdir(), 'access-plan-'));
  const documents: TerraformDocument[] = [];
  try {
    for (const [index, stack] of STACKS.entries()) {
      processOutput.log(`terraform plan of ${stack}`);
      await initialize(stack);
      const file = path.join(folder, stack);
      await runTerraformFor(stack, ['plan', '-input=false', '-no-color', '-lock=false', `-out=${file}`]);
      const planned = await showDocument(stack, [file]);
      documents.push(planned);
      const applied = planned.prior_state?.values?.root_module?.resources?.some(({ mode }) => mode === 'managed') ?? false;
      if (!applied) return { documents, files: STACKS.map(configurationOf), pending: STACKS.slice(index + 1) };
    }
    return { documents, files: STACKS.map(configurationOf), pending: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function synthesizeLogged(): Promise<void> {
  processOutput.log('cdktf synth');
  await synthesize();
}

/** One after the other: runs of Terraform share the plugin cache, which does not take several at once. */
async function inTurn<Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}

/** A user with a running lab who asks outside of it likely means the lab. */
async function labHint(): Promise<string> {
  if (process.env.TF_REATTACH_PROVIDERS !== undefined) return '';
  const lab = await findLab().catch(() => undefined);
  return lab ? 'A lab is running. To ask there: npm run lab -- exec -- npm run access -- …' : '';
}
