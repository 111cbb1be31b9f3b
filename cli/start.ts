import './shared/quiet';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseExpectedMatrix } from '../access/matrix/expected';
import expected from '../access/matrix/expected.json';
import { Demo } from '../proof/demo/demo';
import { passed, renderFindings } from '../proof/demo/report';
import { environmentOf } from './lab/exec';
import { writeProfiles } from './lab/profiles';
import { type ServedLab, serveLab } from './lab/serve';
import { deploy } from './shared/cdktf-deploy';
import { PROJECT, projectSettings } from './shared/project';
import { requireTerraform } from './shared/requirements';
import { runCommand } from './shared/run-command';
import { UserError } from './shared/user-error';
import { readPeopleFile } from './start/people-file';

const HELP = `Deploys the pipeline to a lab on this machine, runs it on real input, and shows who can and cannot read it.

Usage: npm start -- [OPTIONS]

  --people FILE   who to send, a line each: Name, Firstname (default examples/people.txt)
  --keep          leave the lab running, with AWS CLI profiles for every role in .lab/
  --verbose       show all output of cdktf
  --help          show this

Exit code: 0 when everything is as expected, 1 when something differs or failed, 2 when it was called wrongly.
`;

const tell = (line: string) => void process.stdout.write(`${line}\n`);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { people: { type: 'string' }, keep: { type: 'boolean' }, verbose: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}. See: npm start -- --help`, 2);
  }
}

async function play({ lab, identities }: ServedLab, people: readonly string[], verbose: boolean): Promise<boolean> {
  const { settings, names } = projectSettings();
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  tell('Deploying: cdktf deploy identity keys dataplane');
  const run = await lab.attach(lab.bootstrap.accessKeyId, [PROJECT]);
  await deploy(
    environmentOf({
      reattach: run.reattach,
      credentials: lab.bootstrap,
      endpointUrl: lab.endpoint.url,
      region: lab.account.region,
      stateFolder: lab.stateFolder,
    }),
    tell,
    verbose,
  );
  run.detach();
  tell(`Deployed after ${seconds()}`);
  const findings = await new Demo({ lab, identities, names, settings, expected: parseExpectedMatrix(expected), people, log: tell }).run();
  tell(renderFindings(findings));
  const differing = findings.filter((finding) => !passed(finding)).length;
  tell(`${findings.length - differing} as expected, ${differing} different, after ${seconds()}`);
  return differing === 0;
}

async function keepRunning({ lab, stopped }: ServedLab): Promise<void> {
  const config = writeProfiles(lab.endpoint.url, lab.account.region);
  const { names } = projectSettings();
  tell(`
The lab keeps running at ${lab.endpoint.url}. From another terminal:
  npm run lab -- exec --as DBAccessRole -- aws dynamodb scan --table-name ${names.table}
  npm run lab -- exec -- cdktf diff dataplane
or with a profile for every role in ${config}:
  AWS_CONFIG_FILE=${config} aws --profile DBAccessNotAllowedRole dynamodb scan --table-name ${names.table}
Stop it with Ctrl-C, or: npm run lab -- down`);
  await stopped;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const people = readPeopleFile(options.people ?? path.join(PROJECT, 'examples', 'people.txt'));
  requireTerraform();
  const served = await serveLab(0);
  try {
    const interrupted = served.stopped.then(() => {
      throw new UserError('Interrupted', 130);
    });
    // It also rejects when a lab that was kept is stopped, which is no failure then.
    interrupted.catch(() => undefined);
    const good = await Promise.race([play(served, people, options.verbose ?? false), interrupted]);
    if (options.keep) await keepRunning(served);
    return good ? 0 : 1;
  } finally {
    await served.stop();
  }
}

runCommand(main);
