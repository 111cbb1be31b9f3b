import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missingStacks, STACKS, type StackName } from '../../access/application';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { readJson } from '../shared/read-json';
import { initialize, isSynthesized, showPlan, showState, synthesize, terraform } from '../shared/terraform';
import { UserError } from '../shared/user-error';

/** Terraform's JSON of the stacks. */
export interface Documents {
  readonly documents: readonly TerraformDocument[];
  /** Stacks that cannot be planned before those that they need are applied. */
  readonly pending: readonly StackName[];
}

const progress = (line: string) => void process.stderr.write(`${line}\n`);

/**
 * Reads Terraform's JSON from files made by `terraform show -json`, or asks Terraform for that of the three stacks. Files
 * that do not tell of all stacks are completed by the states of the others.
 *
 * @param from files, or `state` or `plan` alone
 */
export function readDocuments(from: readonly string[]): Documents {
  const [first] = from;
  if (from.length === 1 && first === 'plan') return planAll();
  if (from.length === 1 && first === 'state') return { documents: STACKS.map(showState), pending: [] };
  const given = from.map((file) => readTerraformJson(file));
  return { documents: [...given, ...missingStacks(given).map(stateOf)], pending: [] };
}

function readTerraformJson(file: string): TerraformDocument {
  const json = readJson(file);
  if (typeof json !== 'object' || json === null || !('format_version' in json || 'values' in json || 'planned_values' in json)) {
    throw new UserError(`${file} is not the JSON of a Terraform plan or state: make it by terraform show -json`, 1);
  }
  return json as TerraformDocument;
}

/** Without one of the stacks nobody's access can be decided, so its absence must not look like nothing to report. */
function stateOf(stack: StackName): TerraformDocument {
  const missing = `The files tell nothing of the stack ${stack}, without which access cannot be decided. Give its plan or state too`;
  if (!isSynthesized(stack)) throw new UserError(missing, 1);
  progress(`The files tell nothing of the stack ${stack}: asking Terraform for its state`);
  const state = showState(stack);
  if (!state.values?.root_module?.resources?.length) throw new UserError(`${missing}; Terraform has no state of it here`, 1);
  return state;
}

/** Synthesizes and plans every stack. A stack is planned against what the stacks before it have applied. */
function planAll(): Documents {
  synthesize();
  const folder = mkdtempSync(path.join(tmpdir(), 'access-plan-'));
  const documents: TerraformDocument[] = [];
  try {
    for (const [index, stack] of STACKS.entries()) {
      progress(`terraform plan of ${stack}`);
      initialize(stack);
      const file = path.join(folder, stack);
      terraform(stack, ['plan', '-input=false', '-no-color', '-lock=false', `-out=${file}`]);
      const planned = showPlan(stack, file);
      documents.push(planned);
      const applied = planned.prior_state?.values?.root_module?.resources?.some(({ mode }) => mode === 'managed') ?? false;
      if (!applied) return { documents, pending: STACKS.slice(index + 1) };
    }
    return { documents, pending: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
