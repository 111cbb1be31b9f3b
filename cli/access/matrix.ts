import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Deployment } from '../../access/graph/deployment';
import { readDeployment } from '../../access/graph/read';
import { resourcesOf } from '../../access/graph/terraform-json';
import { compare, type ExpectedMatrix, parseExpectedMatrix, summarize, toText } from '../../access/matrix/expected';
import { cellLabel, operationLabel } from '../../access/matrix/id-labels';
import { computeMatrix } from '../../access/matrix/matrix';
import { FORMATS } from '../../access/matrix/render';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { readDocuments } from './terraform-documents';

/** The expected matrix of this repository. */
export const EXPECTED = path.resolve(__dirname, '../../access/matrix/expected.json');

/** Reads the expected matrix. */
export function readExpected(file: string): ExpectedMatrix {
  try {
    return parseExpectedMatrix(readJson(file));
  } catch (error) {
    if (error instanceof z.ZodError) throw new UserError(`${file} is not an expected matrix: ${z.prettifyError(error)}`, 2);
    throw error;
  }
}

/** Reads a deployment from files, or from Terraform: the states of what is deployed, unless plans are asked for. */
export function deploymentFrom(files: readonly string[]): Deployment {
  const { documents, pending } = readDocuments(files.length > 0 ? files : ['state']);
  const [first] = pending;
  if (first) throw new UserError(`The stack ${first} cannot be planned before the stacks before it are applied, so the matrix cannot be decided`, 1);
  return readDeployment(documents.flatMap(resourcesOf));
}

/** Computes the matrix and compares it with the expected one. @returns the exit code */
export function matrix(words: readonly string[], print: (line: string) => void): number {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'table' },
      output: { type: 'string' },
      expected: { type: 'string', default: EXPECTED },
      accept: { type: 'boolean' },
      from: { type: 'string', multiple: true },
    },
  });
  const render = FORMATS[values.format];
  if (!render) throw new UserError(`There is no format ${values.format}. Known: ${Object.keys(FORMATS).join(', ')}`, 2);
  const deployment = deploymentFrom([...(values.from ?? []), ...positionals]);
  const cells = computeMatrix(deployment);
  if (values.accept) {
    // The expected matrix has no word for what is not decided: it would read as a denial.
    const open = [...cells.filter(({ outcome }) => outcome === 'undetermined').map(cellLabel), ...deployment.unsupported];
    if (open.length > 0) throw new UserError(`Nothing was written, because this is not decided:\n${open.join('\n')}`, 1);
    writeFileSync(values.expected, toText(summarize(cells)));
    print(`Written to ${values.expected}. Read the difference before you commit it.`);
    return 0;
  }
  const expected = readExpected(values.expected);
  const { differences, unknownOperations, missingOperations } = compare(cells, expected);
  const text = render({ cells, differences });
  if (values.output) writeFileSync(values.output, text);
  else print(text);
  // Machine formats on standard output stay whole; everything else goes to standard error.
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  for (const one of differences) tell(`${cellLabel(one)}: expected ${one.expected}, computed ${one.outcome} by ${one.decidedBy}`);
  for (const id of unknownOperations) tell(`${operationLabel(id)}: not in the expected matrix`);
  for (const id of missingOperations) tell(`${operationLabel(id)}: in the expected matrix, but not deployed`);
  for (const address of deployment.unsupported) tell(`${address}: resources of this type are not supported, so what it means to access is not decided`);
  const failed = differences.length + unknownOperations.length + missingOperations.length + deployment.unsupported.length;
  tell(`${cells.length - differences.length} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
