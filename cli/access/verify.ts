import { STACKS } from '../../access/application';
import { readDeployment, readModel } from '../../access/graph/read';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { resourcesOf, type TerraformResource } from '../../access/graph/terraform-resource';
import { cellLabel } from '../../access/matrix/id-labels';
import { compareAccess } from '../../access/space/compare-access';
import { TestBed } from '../../proof/verify/test-bed';
import { verify } from '../../proof/verify/verify';
import { verifyWitnesses } from '../../proof/verify/verify-witnesses';
import { WitnessActors } from '../../proof/verify/witness-actors';
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
    summary: 'deploy to a lab and perform there, with real AWS clients, the matrix and a witness of everything that is allowed',
    options: {},
    arguments: {},
    examples: ['npm run access -- verify'],
    exitCodes: { 0: 'what is observed is what is computed', 1: 'a cell or a witness differs, or an error', 2: 'called wrongly', 130: 'interrupted' },
  },
  async (_values, { print }) => {
    await requireTerraform();
    return runInLab({ work: (served) => verifyInLab(served, print) });
  },
);

/** What was performed, and what of it was not as computed. */
interface Performed {
  readonly performed: number;
  readonly failed: number;
}

/** Deploys to a lab and performs the whole matrix there, then the witnesses of everything that is allowed. @returns the exit code */
async function verifyInLab(served: ServedLab, print: (line: string) => void): Promise<number> {
  print('Deploying to a lab');
  const documents = await deployToLab(served, { log: print, verbose: false }, showAll);
  const resources = documents.flatMap(resourcesOf);
  const all = [await performCells(served, resources, print), await performWitnesses(served, resources, print)];
  const [performed, failed] = [sum(all.map((part) => part.performed)), sum(all.map((part) => part.failed))];
  print(`${performed - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function performCells({ lab, identities }: ServedLab, resources: readonly TerraformResource[], print: (line: string) => void): Promise<Performed> {
  print('Performing every operation of the matrix through AWS clients');
  const { performed, dryRuns, mismatches } = await verify(lab, identities, projectSettings().names, readDeployment(resources), print);
  for (const mismatch of mismatches) {
    const { outcome, decidedBy, observed, ended } = mismatch;
    print(`${cellLabel(mismatch)}: computed ${outcome} by ${decidedBy}, observed ${observed}: ${ended}`);
  }
  const dry = `${dryRuns} single requests that would change the deployment decided but not done`;
  print(`${performed} cells through AWS clients: ${performed - dryRuns} done, ${dry}`);
  return { performed, failed: mismatches.length };
}

async function performWitnesses({ lab, identities }: ServedLab, resources: readonly TerraformResource[], print: (line: string) => void): Promise<Performed> {
  print('Performing a witness of everything that the policies allow, by principal and statement');
  const { differences, undetermined } = compareAccess(undefined, readModel(resources));
  const { names } = projectSettings();
  const actors = new WitnessActors(lab, identities, names);
  const { performed, refused, notPerformed } = await verifyWitnesses(differences, actors, await TestBed.prepare(lab, names));
  for (const reason of undetermined) print(`What is allowed is undetermined: ${reason}`);
  for (const { difference, ended } of refused) {
    const { who, cause, witness } = difference;
    print(`${who}, ${cause}: computed allowed ${witness.action} on ${witness.resource} under ${JSON.stringify(witness.context)}, observed ${ended}`);
  }
  print(`${performed} witnesses performed, ${performed - refused.length} as computed, ${differences.length - performed} not performed:`);
  for (const [reason, count] of notPerformed) print(`  ${reason} (${count})`);
  // What is undetermined has no witness: nothing was performed of it, and it must not pass.
  return { performed: performed + undetermined.length, failed: refused.length + undetermined.length };
}

async function showAll(env: NodeJS.ProcessEnv): Promise<TerraformDocument[]> {
  const documents: TerraformDocument[] = [];
  for (const stack of STACKS) documents.push(await showDocument(stack, [], { cwd: PROJECT, env }));
  return documents;
}
