import { STACKS } from '../../access/application';
import { readDeployment } from '../../access/graph/read';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { resourcesOf } from '../../access/graph/terraform-resource';
import { cellLabel } from '../../access/matrix/id-labels';
import { verify } from '../../proof/verify/verify';
import { deployToLab, runInLab } from '../lab/lab-run';
import type { ServedLab } from '../lab/serve';
import { defineCommand } from '../shared/command-line';
import { PROJECT, projectSettings } from '../shared/project';
import { requireTerraform } from '../shared/requirements';
import { showDocument } from './terraform-documents';

/** `npm run access -- verify` */
export const verifyCommand = defineCommand(
  {
    name: 'verify',
    summary: 'deploy to a lab and perform the matrix there with real AWS clients',
    options: {},
    arguments: {},
    examples: ['npm run access -- verify'],
    exitCodes: { 0: 'what is observed is what is computed', 1: 'one cell differs, or an error', 2: 'called wrongly', 130: 'interrupted' },
  },
  async (_values, { print }) => {
    await requireTerraform();
    return runInLab({ work: (served) => verifyInLab(served, print) });
  },
);

/** Deploys to a lab and performs the whole matrix there. @returns the exit code */
async function verifyInLab(served: ServedLab, print: (line: string) => void): Promise<number> {
  print('Deploying to a lab');
  const documents = await deployToLab(served, { log: print, verbose: false }, showAll);
  print('Performing every operation of the matrix through AWS clients');
  const deployment = readDeployment(documents.flatMap(resourcesOf));
  const { performed, dryRuns, mismatches } = await verify(served.lab, served.identities, projectSettings().names, deployment, print);
  for (const mismatch of mismatches) {
    const { outcome, decidedBy, observed, ended } = mismatch;
    print(`${cellLabel(mismatch)}: computed ${outcome} by ${decidedBy}, observed ${observed}: ${ended}`);
  }
  const dry = `${dryRuns} single requests that would change the deployment decided but not done`;
  print(`${performed} cells through AWS clients: ${performed - dryRuns} done, ${dry}`);
  print(`${performed - mismatches.length} passed, ${mismatches.length} failed`);
  return mismatches.length === 0 ? 0 : 1;
}

async function showAll(env: NodeJS.ProcessEnv): Promise<TerraformDocument[]> {
  const documents: TerraformDocument[] = [];
  for (const stack of STACKS) documents.push(await showDocument(stack, [], { cwd: PROJECT, env }));
  return documents;
}
