import { z } from 'zod';
import type { Deployment } from '../../access/graph/deployment';
import { readDeployment } from '../../access/graph/read';
import { compare, type ExpectedMatrix, parseExpectedMatrix, summarize, toText } from '../../access/matrix/expected';
import { cellLabel, operationLabel } from '../../access/matrix/id-labels';
import { type Cell, computeMatrix } from '../../access/matrix/matrix';
import { FORMATS } from '../../access/matrix/render';
import { otherPermissions } from '../../access/permissions/other-permissions';
import { mistakeLines, policyMistakes } from '../../access/report/policy-mistakes';
import { defineCommand } from '../shared/command-line';
import type { Output } from '../shared/output';
import { EXPECTED_MATRIX } from '../shared/project';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { FILES_ARGUMENT, LOCATION_OPTIONS, settledResources } from './deployment';
import { projectMatrix } from './matrix-of-project';
import { PROJECT_OPTION, readProject } from './terraform-documents';
import { writeResult } from './write-result';

/** `npm run access -- matrix` */
export const matrixCommand = defineCommand(
  {
    name: 'matrix',
    summary: 'decide every principal x operation and compare with the expected matrix',
    details: `Of files of other projects: who can do what with each resource, as by who, compared with the baseline that --accept has
written (docs/access-elsewhere.md).`,
    options: {
      from: { type: 'string', placeholder: 'SOURCE', multiple: true, description: 'state, plan, or a file like the arguments' },
      format: { type: 'string', placeholder: 'FORMAT', choices: Object.keys(FORMATS), default: 'table', description: 'form of the result' },
      output: { type: 'string', placeholder: 'FILE', description: 'file for the result, instead of standard output' },
      expected: { type: 'string', placeholder: 'FILE', description: 'the expected matrix, access/matrix/expected.json by default' },
      accept: { type: 'string', placeholder: 'FILE', description: 'write what is computed as an expected matrix to a file, instead of comparing' },
      all: { type: 'boolean', description: 'list every action of the other permissions, however many' },
      project: PROJECT_OPTION,
      ...LOCATION_OPTIONS,
    },
    arguments: { files: FILES_ARGUMENT },
    examples: [
      'npm run lab -- exec -- npm run access -- matrix',
      'npm run access -- matrix --from plan --format html --output matrix.html',
      'npm run access -- matrix --accept baseline.json state.json',
      'npm run access -- matrix --expected baseline.json state.json',
    ],
    exitCodes: { 0: 'every cell is as expected', 1: 'one differs, or is not decided', 2: 'called wrongly' },
  },
  async ({ from, format, output: file, expected, all, accept, files, project, account, region }, output) => {
    if (accept !== undefined && expected !== undefined)
      throw new UserError('--accept writes an expected matrix, --expected compares with one', { exitCode: 2 });
    const given = [...from, ...files];
    const documents = await readProject(given.length > 0 ? given : ['state'], project);
    const resources = settledResources(documents);
    if (documents.project === 'any') return projectMatrix(resources, { location: { account, region }, format, output: file, expected, accept }, output);
    const deployment = readDeployment(resources);
    const cells = computeMatrix(deployment);
    if (accept === undefined)
      return compareWithExpected({ deployment, cells, expected: readExpected(expected ?? EXPECTED_MATRIX), format, file, whole: all }, output);
    acceptMatrix(deployment, cells, accept);
    for (const line of mistakeLines(policyMistakes(deployment))) output.log(line);
    output.print(`Written to ${accept}. Read the difference before you commit it.`);
    return 0;
  },
);

/** A matrix, and how to show it. */
interface Comparison {
  readonly deployment: Deployment;
  readonly cells: readonly Cell[];
  readonly expected: ExpectedMatrix;
  readonly format: string;
  readonly file: string | undefined;
  readonly whole: boolean;
}

/** Reads an expected matrix. */
function readExpected(file: string): ExpectedMatrix {
  try {
    return parseExpectedMatrix(readJson(file));
  } catch (error) {
    if (error instanceof z.ZodError) throw new UserError(`${file} is not an expected matrix: ${z.prettifyError(error)}`, { exitCode: 2, cause: error });
    throw error;
  }
}

/** An expected matrix cannot express what is not decided: it would read as a denial. */
function acceptMatrix(deployment: Deployment, cells: readonly Cell[], file: string): void {
  const undecided = [...cells.filter(({ outcome }) => outcome === 'undetermined').map(cellLabel), ...deployment.unsupported];
  if (undecided.length > 0) throw new UserError(`Nothing was written, because this is not decided:\n${undecided.join('\n')}`);
  writeResult(file, toText(summarize(cells)));
}

/** Shows the matrix and every difference. @returns the exit code */
function compareWithExpected({ deployment, cells, expected, format, file, whole }: Comparison, { print, log }: Output): number {
  const render = FORMATS[format];
  if (!render) throw new Error(`The format ${format} is declared, but there is no renderer of it`);
  const { differences, unknownOperations, missingOperations } = compare(cells, expected);
  const warnings = policyMistakes(deployment);
  const text = render({ cells, differences, otherPermissions: otherPermissions(deployment), whole, warnings });
  if (file) writeResult(file, text);
  else print(text);
  // Machine formats on standard output stay whole; everything else goes to standard error.
  for (const line of mistakeLines(warnings)) log(line);
  for (const difference of differences) {
    log(`${cellLabel(difference)}: expected ${difference.expected}, computed ${difference.outcome} by ${difference.decidedBy}`);
  }
  for (const id of unknownOperations) log(`${operationLabel(id)}: not in the expected matrix`);
  for (const id of missingOperations) log(`${operationLabel(id)}: in the expected matrix, but not deployed`);
  for (const address of deployment.unsupported) log(`${address}: resources of this type are not supported, so what it means to access is not decided`);
  const failed = differences.length + unknownOperations.length + missingOperations.length + deployment.unsupported.length;
  log(`${cells.length - differences.length} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
