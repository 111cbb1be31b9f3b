import { z } from 'zod';
import { ResourceGraph } from '../../access/graph/graph';
import type { LocationOptions } from '../../access/graph/location';
import type { TerraformResource } from '../../access/graph/terraform-resource';
import { type Baseline, baselineOf, compareBaselines, parseBaseline } from '../../access/who/baseline';
import { renderWho, type WhoReport } from '../../access/who/render';
import { whoReportOf } from '../../access/who/report';
import type { Output } from '../shared/output';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { writeResult } from './write-result';

/** How the matrix of a project is shown, and what it is compared with. */
export interface ProjectMatrixOptions {
  readonly location: LocationOptions;
  readonly format: string;
  /** File for the result. */
  readonly output: string | undefined;
  /** File of the baseline to compare with. */
  readonly expected: string | undefined;
  /** File of the baseline to write. */
  readonly accept: string | undefined;
}

/**
 * The matrix of any project: who can do what with each resource, by verb, compared with the baseline of the user.
 *
 * @returns the exit code
 */
export function projectMatrix(resources: readonly TerraformResource[], options: ProjectMatrixOptions, { print, log }: Output): number {
  const { location, format, output, expected, accept } = options;
  if (format !== 'table' && format !== 'json') throw new UserError(`The matrix of other projects is shown as table or json, not as ${format}`, { exitCode: 2 });
  const baseline = expected === undefined ? undefined : readBaseline(expected);
  const report = whoReportOf(new ResourceGraph(resources, location));
  const computed = baselineOf(report);
  if (accept !== undefined) {
    writeResult(accept, `${JSON.stringify(computed, null, 2)}\n`);
    print(`Written to ${accept}. Read the difference before you commit it.`);
    return 0;
  }
  const text = format === 'json' ? JSON.stringify(report, null, 2) : renderWho(report);
  if (output === undefined) print(text);
  else writeResult(output, `${text}\n`);
  return baseline === undefined ? withoutBaseline(report, log) : tellDifferences(computed, baseline, log);
}

/** Nothing says what is expected, so nothing is as expected. */
function withoutBaseline({ resources }: WhoReport, log: Output['log']): number {
  log(`There is no baseline to compare ${resources.length} resources with. To write one: npm run access -- matrix --accept BASELINE.json FILE…`);
  log('To compare with it: npm run access -- matrix --expected BASELINE.json FILE…');
  return 1;
}

function tellDifferences(computed: Baseline, expected: Baseline, log: Output['log']): number {
  const { added, missing, same } = compareBaselines(computed, expected);
  for (const line of added) log(`not in the baseline: ${line}`);
  for (const line of missing) log(`in the baseline only: ${line}`);
  log(`${same} passed, ${added.length + missing.length} failed`);
  return added.length + missing.length === 0 ? 0 : 1;
}

function readBaseline(file: string): Baseline {
  try {
    return parseBaseline(readJson(file));
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    throw new UserError(`${file} is not a baseline of another project: ${z.prettifyError(cause)}`, { exitCode: 2, cause });
  }
}
