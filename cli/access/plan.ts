import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { LocationOptions } from '../../access/graph/location';
import { isPlan } from '../../access/graph/terraform-json';
import { type AccessChange, accessChange, outcomeOf, type PlanOutcome } from '../../access/plan/access-change';
import { projectChange } from '../../access/plan/project-change';
import { renderChange } from '../../access/plan/render';
import { type AcceptedDifference, accept, acceptedText, parseAccepted, staleOf, withoutAccepted } from '../../access/report/accepted';
import { changeFindings } from '../../access/report/change-findings';
import { toSarif } from '../../access/report/sarif';
import { defineCommand } from '../shared/command-line';
import type { Output } from '../shared/output';
import { projectVersion } from '../shared/project';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { LOCATION_OPTIONS } from './deployment';
import { type Documents, fileFinder, PROJECT_OPTION, type ProjectDocuments, readProject } from './terraform-documents';
import { writeResult } from './write-result';

/** Exit codes for pipelines. */
const EXIT: Readonly<Record<PlanOutcome, number>> = { unchanged: 0, gained: 2, undetermined: 3 };

/** `npm run access -- plan` */
export const planCommand = defineCommand(
  {
    name: 'plan',
    summary: 'what applying does to access: gained, lost, undetermined, protection lost',
    details: `Without plans, all stacks are synthesized and planned. Stacks that the files do not contain are completed by their states.
Files of other projects are compared over all requests, without the operations of the matrix (docs/access-elsewhere.md).
Accepted differences are a JSON list such as [{"id": "role/AdminRole | queue/people/send", "reason": "…"}]; the ids are those of --format json.`,
    options: {
      format: { type: 'string', choices: ['text', 'markdown', 'json', 'sarif'], placeholder: 'FORMAT', default: 'text', description: 'form of the result' },
      output: { type: 'string', placeholder: 'FILE', description: 'file for the result, instead of standard output' },
      allow: { type: 'string', placeholder: 'FILE', description: 'accepted differences, which are left out' },
      accept: { type: 'string', placeholder: 'FILE', description: 'add the differences of this run to the accepted ones of a file; needs --reason' },
      reason: { type: 'string', placeholder: 'TEXT', description: 'why the differences are accepted' },
      project: PROJECT_OPTION,
      ...LOCATION_OPTIONS,
    },
    arguments: { plans: { type: 'string', placeholder: 'PLAN.json', multiple: true, description: 'made by terraform show -json PLAN' } },
    examples: [
      'npm run lab -- exec -- npm run access -- plan',
      'npm run access -- plan --format markdown --output comment.md keys.json',
      'npm run access -- plan --accept access-allowed.json --reason "The operator reads dead-letter messages" keys.json',
    ],
    exitCodes: {
      0: 'nothing gained, or all of it accepted',
      1: 'error, also when called wrongly',
      2: 'access gained or protection lost',
      3: 'undetermined',
    },
    errorExitCode: 1,
  },
  async ({ format, output: file, allow, accept: acceptFile, reason, plans, project, account, region }, output) => {
    const acceptance = acceptanceOf(acceptFile, reason);
    const allowed = allow === undefined ? [] : readAccepted(allow);
    const documents = await readProject(plans.length > 0 ? plans : ['plan'], project);
    requirePlan(plans, documents);
    const whole = changeOf(documents, { account, region });
    if (allow !== undefined) tellStale(staleOf(whole, allowed), allow, output);
    if (acceptance && acceptance.file !== allow) tellStale(staleOf(whole, acceptance.earlier), acceptance.file, output);
    const change = withoutAccepted(whole, allowed);
    const text = render(change, format, documents);
    if (file) writeResult(file, `${text}\n`);
    else output.print(text);
    return EXIT[outcomeOf(acceptance ? acceptInto(acceptance, change, output) : change)];
  },
);

/** States alone say nothing of a change: a plan that was forgotten must not read as one that changes nothing. */
function requirePlan(files: readonly string[], { documents }: Documents): void {
  if (files.length === 0 || documents.some(isPlan)) return;
  throw new UserError(`There is no plan in ${files.join(', ')}: make it by terraform plan -out=PLAN, then terraform show -json PLAN`);
}

function changeOf({ documents, pending, project }: ProjectDocuments, location: LocationOptions): AccessChange {
  if (project === 'any') return projectChange(documents, location);
  if (location.account !== undefined || location.region !== undefined)
    throw new UserError('The files are of this application, which tells its account and region: --account and --region are for other projects');
  return accessChange(documents, pending);
}

function render(change: AccessChange, format: 'text' | 'markdown' | 'json' | 'sarif', documents: Documents): string {
  if (format !== 'sarif') return renderChange(change, format);
  return toSarif(changeFindings(change), { fileOf: fileFinder(documents), version: projectVersion() });
}

/** Where differences are accepted, and why. */
interface Acceptance {
  readonly file: string;
  readonly reason: string;
  readonly earlier: readonly AcceptedDifference[];
}

/** Reads what is accepted already, before anything that takes long. */
function acceptanceOf(file: string | undefined, reason: string | undefined): Acceptance | undefined {
  if (file === undefined && reason === undefined) return undefined;
  if (file === undefined) throw new UserError('--reason is for --accept FILE');
  if (!reason?.trim()) throw new UserError(`--accept needs a reason: npm run access -- plan --accept ${file} --reason TEXT`);
  return { file, reason: reason.trim(), earlier: existsSync(file) ? readAccepted(file) : [] };
}

/** Writes the differences of a change to the file. @returns what of it could not be accepted */
function acceptInto({ file, reason, earlier }: Acceptance, change: AccessChange, { log }: Output): AccessChange {
  const accepted = accept(earlier, change, reason);
  writeResult(file, acceptedText(accepted));
  log(`Written to ${file}: ${accepted.length - earlier.length} more accepted, ${accepted.length} in all. Read the difference before you commit it.`);
  return withoutAccepted(change, accepted);
}

function tellStale(stale: readonly AcceptedDifference[], file: string, { log }: Output): void {
  for (const { id } of stale) log(`${file} accepts what this change does not have: ${id}`);
}

function readAccepted(file: string): readonly AcceptedDifference[] {
  try {
    return parseAccepted(readJson(file));
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    const form = '{"id": "role/AdminRole | queue/people/send", "reason": "…"}';
    throw new UserError(`${file} is not a list of accepted differences such as ${form}, each with its reason: ${z.prettifyError(cause)}`, { cause });
  }
}
