import type { LocationOptions } from '../../access/graph/location';
import { resourcesOf, type TerraformResource } from '../../access/graph/terraform-resource';
import { compareDeployments, type DeploymentComparison } from '../../access/plan/deployment-comparison';
import { statementText, type WiderStatement } from '../../access/plan/wider-statements';
import { type Finding, toSarif } from '../../access/report/sarif';
import type { Output } from '../shared/output';
import { projectVersion } from '../shared/project';
import { readTerraformFile } from './documents/terraform-file';

/** The files of two deployments. */
export type DeploymentFiles = readonly [first: readonly string[], second: readonly string[]];

/** How many differences and open questions were told. */
export interface ComparisonCounts {
  readonly differences: number;
  readonly undetermined: number;
}

/** Compares two deployments and prints what each allows that the other does not. */
export async function printDeployments(
  files: DeploymentFiles,
  { location, format }: { readonly location: LocationOptions; readonly format: 'text' | 'json' | 'sarif' },
  output: Output,
): Promise<ComparisonCounts> {
  const comparison = compareDeployments(await resourcesFrom(files[0], output), await resourcesFrom(files[1], output), location);
  const { first, second } = comparison;
  const decided = [...first, ...second].filter(({ undetermined }) => !undetermined);
  const undetermined = comparison.undetermined.length + first.length + second.length - decided.length;
  if (format === 'sarif') output.print(toSarif(findingsOf(comparison, files), { fileOf: () => files[1][0] ?? '', version: projectVersion() }));
  else if (format === 'json') output.print(JSON.stringify({ relation: relationOf(comparison), ...comparison }, null, 2));
  else for (const line of linesOf(comparison)) output.print(line);
  return { differences: decided.length, undetermined };
}

async function resourcesFrom(files: readonly string[], { log }: Output): Promise<TerraformResource[]> {
  const resources: TerraformResource[] = [];
  for (const file of files) resources.push(...resourcesOf(await readTerraformFile(file, log)));
  return resources;
}

function linesOf(comparison: DeploymentComparison): string[] {
  const { first, second, undetermined, assumed } = comparison;
  const told = (name: string, statements: readonly WiderStatement[]) =>
    statements.length === 0 ? [] : [`The ${name} deployment allows what the other does not:`, ...statements.map(lineOf)];
  return [
    ...assumed.map((text) => `Assumed: ${text}`),
    ...told('first', first),
    ...told('second', second),
    ...undetermined.map((reason) => `undetermined: ${reason}`),
    relationOf(comparison),
  ];
}

const lineOf = (statement: WiderStatement) => `  ${statement.undetermined ? 'undetermined: ' : ''}${statementText(statement)}`;

function relationOf({ first, second, undetermined }: DeploymentComparison): string {
  const [ofFirst, ofSecond] = [first, second].map((statements) => statements.some((statement) => !statement.undetermined));
  if (ofFirst && ofSecond) return 'both: each deployment allows what the other does not';
  if (ofFirst) return 'first allows more';
  if (ofSecond) return 'second allows more';
  return first.length + second.length + undetermined.length > 0 ? 'undetermined' : 'equal: no request is decided differently';
}

/** The differences for code scanning: the second deployment is taken to replace the first. */
function findingsOf({ first, second, undetermined }: DeploymentComparison, files: DeploymentFiles): Finding[] {
  const findings = (statements: readonly WiderStatement[], rule: 'access-lost' | 'statement-allows-more', [file]: readonly string[]) =>
    statements.map((statement): Finding => {
      const { id, holder } = statement;
      return { rule: statement.undetermined ? 'undetermined' : rule, id, message: statementText(statement), addresses: [], subject: holder, file };
    });
  return [
    ...findings(second, 'statement-allows-more', files[1]),
    ...findings(first, 'access-lost', files[0]),
    ...undetermined.map((reason): Finding => ({ rule: 'undetermined', id: reason, message: reason, addresses: [] })),
  ];
}
