import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type AccessChange, accessChange, outcomeOf, type PlanOutcome } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { readDocuments } from './terraform-documents';

/** Exit codes for pipelines. */
const EXIT: Readonly<Record<PlanOutcome, number>> = { unchanged: 0, gained: 2, undetermined: 3 };

/** Tells what applying plans does to access. @returns the exit code */
export function plan(words: readonly string[], print: (line: string) => void): number {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { format: { type: 'string', default: 'text' }, output: { type: 'string' }, allow: { type: 'string' } },
  });
  const { format } = values;
  if (format !== 'text' && format !== 'markdown' && format !== 'json') throw new UserError(`There is no format ${format}. Known: text, markdown, json`, 1);
  const { documents, pending } = readDocuments(positionals.length > 0 ? positionals : ['plan']);
  const change = without(accessChange(documents, pending), values.allow ? readAllowed(values.allow) : new Set());
  const text = renderChange(change, format);
  if (values.output) writeFileSync(values.output, `${text}\n`);
  else print(text);
  return EXIT[outcomeOf(change)];
}

/** Accepted differences: a list of ids, such as `role/AdminRole | queue/people/send` or `key/pipeline-table | not-rotated`. */
function readAllowed(file: string): ReadonlySet<string> {
  const list = readJson(file);
  if (!Array.isArray(list) || list.some((one) => typeof one !== 'string'))
    throw new UserError(`${file} is not a list of ids such as "role/AdminRole | queue/people/send"`, 1);
  return new Set(list as string[]);
}

function without(change: AccessChange, allowed: ReadonlySet<string>): AccessChange {
  const open = <T extends { readonly actor: string; readonly operation: string }>(cells: readonly T[]) =>
    cells.filter(({ actor, operation }) => !allowed.has(`${actor} | ${operation}`));
  return {
    gained: open(change.gained),
    lost: change.lost,
    pending: change.pending,
    undetermined: open(change.undetermined),
    statements: change.statements.filter(({ id }) => !allowed.has(id)),
    protections: change.protections.filter(({ id }) => !allowed.has(id)),
  };
}
