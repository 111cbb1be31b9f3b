import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type AccessChange, accessChange, outcomeOf, type PlanOutcome } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { defineCommand } from '../shared/command-line';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { readDocuments } from './terraform-documents';

/** Exit codes for pipelines. */
const EXIT: Readonly<Record<PlanOutcome, number>> = { unchanged: 0, gained: 2, undetermined: 3 };

/** `npm run access -- plan` */
export const planCommand = defineCommand(
  {
    name: 'plan',
    summary: 'what applying does to access: gained, lost, undetermined, protection lost',
    details: 'Without plans, all stacks are synthesized and planned. Stacks that the files do not contain are completed by their states.',
    options: {
      format: { type: 'string', choices: ['text', 'markdown', 'json'], placeholder: 'FORMAT', default: 'text', description: 'form of the result' },
      output: { type: 'string', placeholder: 'FILE', description: 'file for the result, instead of standard output' },
      allow: { type: 'string', placeholder: 'FILE', description: 'accepted differences, a JSON list of ids such as ["role/AdminRole | queue/people/send"]' },
    },
    arguments: { plans: { type: 'string', placeholder: 'PLAN.json', multiple: true, description: 'made by terraform show -json PLAN' } },
    examples: ['npm run lab -- exec -- npm run access -- plan', 'npm run access -- plan --format markdown --output comment.md keys.json'],
    exitCodes: { 0: 'nothing gained', 1: 'error, also when called wrongly', 2: 'access gained or protection lost', 3: 'undetermined' },
    errorExitCode: 1,
  },
  async ({ format, output, allow, plans }, { print }) => {
    const { documents, pending } = await readDocuments(plans.length > 0 ? plans : ['plan']);
    const change = without(accessChange(documents, pending), allow ? readAllowed(allow) : new Set());
    const text = renderChange(change, format);
    if (output) writeFileSync(output, `${text}\n`);
    else print(text);
    return EXIT[outcomeOf(change)];
  },
);

/** Accepted differences: a list of ids, such as `role/AdminRole | queue/people/send` or `key/pipeline-table | not-rotated`. */
function readAllowed(file: string): ReadonlySet<string> {
  const list = z.array(z.string()).safeParse(readJson(file));
  if (!list.success) throw new UserError(`${file} is not a list of ids such as "role/AdminRole | queue/people/send"`, { cause: list.error });
  return new Set(list.data);
}

function without(change: AccessChange, allowed: ReadonlySet<string>): AccessChange {
  const open = <T extends { readonly actor: string; readonly operation: string }>(cells: readonly T[]) =>
    cells.filter(({ actor, operation }) => !allowed.has(`${actor} | ${operation}`));
  return {
    gained: open(change.gained),
    lost: change.lost,
    pending: change.pending,
    undetermined: open(change.undetermined),
    warnings: change.warnings,
    statements: change.statements.filter(({ id }) => !allowed.has(id)),
    protections: change.protections.filter(({ id }) => !allowed.has(id)),
  };
}
