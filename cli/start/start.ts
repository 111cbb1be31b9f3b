import path from 'node:path';
import { parseExpectedMatrix } from '../../access/matrix/expected';
import expected from '../../access/matrix/expected.json';
import { Demo } from '../../proof/demo/demo';
import { passed, renderFindings } from '../../proof/demo/report';
import { deployToLab, runInLab } from '../lab/lab-run';
import { writeProfiles } from '../lab/profiles';
import type { ServedLab } from '../lab/serve';
import { defineCommand } from '../shared/command-line';
import { PROJECT, projectSettings } from '../shared/project';
import { requireTerraform } from '../shared/requirements';
import { readPeopleFile } from './people-file';

type Print = (line: string) => void;

/** `npm start` */
export const startCommand = defineCommand(
  {
    name: '',
    summary: 'deploy the pipeline to a lab, run it on real input, and show who can and cannot read it',
    options: {
      people: { type: 'string', placeholder: 'FILE', description: 'the people to send, a line each: Name, Firstname (default examples/people.txt)' },
      keep: { type: 'boolean', description: 'leave the lab running, with AWS CLI profiles for every role in .lab/' },
      verbose: { type: 'boolean', description: 'print all output of cdktf' },
    },
    arguments: {},
    examples: ['npm start', 'npm start -- --people FILE --keep'],
    exitCodes: { 0: 'everything is as expected', 1: 'something differs or failed', 2: 'called wrongly', 130: 'interrupted' },
  },
  async ({ people: file = path.join(PROJECT, 'examples', 'people.txt'), keep, verbose }, { print }) => {
    const people = readPeopleFile(file);
    await requireTerraform();
    const good = await runInLab({
      work: (served) => runDemo(served, people, verbose, print),
      afterwards: keep ? (served) => keepRunning(served, print) : undefined,
    });
    return good ? 0 : 1;
  },
);

/** Deploys, runs the demo and prints what it found. @returns whether all is as expected */
async function runDemo(served: ServedLab, people: readonly string[], verbose: boolean, print: Print): Promise<boolean> {
  const { lab, identities } = served;
  const { settings, names } = projectSettings();
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  print('Deploying: cdktf deploy identity keys dataplane');
  await deployToLab(served, { log: print, verbose }, async () => print(`Deployed after ${seconds()}`));
  const findings = await new Demo({ lab, identities, names, settings, expected: parseExpectedMatrix(expected), people, log: print }).run();
  print(renderFindings(findings));
  const differing = findings.filter((finding) => !passed(finding)).length;
  print(`${findings.length - differing} as expected, ${differing} different, after ${seconds()}`);
  return differing === 0;
}

async function keepRunning({ lab, stopped }: ServedLab, print: Print): Promise<void> {
  const config = writeProfiles(lab.endpoint.url, lab.account.region);
  const { names } = projectSettings();
  print(`
The lab keeps running at ${lab.endpoint.url}. From another terminal:
  npm run lab -- exec --as DBAccessRole -- aws dynamodb scan --table-name ${names.table}
  npm run lab -- exec -- cdktf diff dataplane
or with a profile for every role in ${config}:
  AWS_CONFIG_FILE=${config} aws --profile DBAccessNotAllowedRole dynamodb scan --table-name ${names.table}
Stop it with Ctrl-C, or: npm run lab -- down`);
  await stopped;
}
