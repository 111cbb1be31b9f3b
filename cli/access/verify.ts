import '../shared/quiet';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { readDeployment } from '../../access/graph/read';
import { resourcesOf, type TerraformDocument } from '../../access/graph/terraform-json';
import { cellLabel } from '../../access/matrix/id-labels';
import { verify } from '../../proof/verify/verify';
import { environmentOf } from '../lab/exec';
import { serveLab } from '../lab/serve';
import { deploy } from '../shared/cdktf-deploy';
import { PROJECT, projectSettings } from '../shared/project';
import { requireTerraform } from '../shared/requirements';
import { runCommand } from '../shared/run-command';

const tell = (line: string) => void process.stdout.write(`${line}\n`);

/** Deploys to a lab and performs the whole matrix there. @returns the exit code */
async function main(): Promise<number> {
  requireTerraform();
  const served = await serveLab(0);
  const { lab, identities } = served;
  try {
    const run = await lab.attach(lab.bootstrap.accessKeyId, [PROJECT]);
    const env = environmentOf({
      reattach: run.reattach,
      credentials: lab.bootstrap,
      endpointUrl: lab.endpoint.url,
      region: lab.account.region,
      stateFolder: lab.stateFolder,
    });
    tell('Deploying to a lab');
    await deploy(env, tell, false);
    const show = async (stack: string): Promise<TerraformDocument> => {
      // Terraform asks the attached provider for schemas: this process must not be blocked meanwhile.
      const text = await new Promise<string>((resolve, reject) =>
        execFile('terraform', ['show', '-json'], { cwd: path.join(PROJECT, 'cdktf.out', 'stacks', stack), env, maxBuffer: 1e9 }, (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        ),
      );
      return JSON.parse(text) as TerraformDocument;
    };
    const documents = [await show('identity'), await show('keys'), await show('dataplane')];
    run.detach();
    tell('Performing every operation of the matrix through AWS clients');
    const { performed, dryRuns, mismatches } = await verify(lab, identities, projectSettings().names, readDeployment(documents.flatMap(resourcesOf)), tell);
    for (const one of mismatches) tell(`${cellLabel(one)}: computed ${one.outcome} by ${one.decidedBy}, observed ${one.observed}: ${one.ended}`);
    tell(
      `${performed} cells through AWS clients: ${performed - dryRuns} done, ${dryRuns} single requests that would change the deployment decided but not done`,
    );
    tell(`${performed - mismatches.length} passed, ${mismatches.length} failed`);
    return mismatches.length === 0 ? 0 : 1;
  } finally {
    await served.stop();
  }
}

runCommand(main);
