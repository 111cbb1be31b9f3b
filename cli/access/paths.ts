import path from 'node:path';
import { type EscalationPath, escalationPaths } from '../../access/escalation/escalation-paths';
import { defineCommand } from '../shared/command-line';
import { PROJECT } from '../shared/project';
import { readJson } from '../shared/read-json';
import { deploymentFrom, FILES_ARGUMENT } from './deployment';

/** A path that is known, and why it is accepted. */
export interface AcceptedPath extends EscalationPath {
  readonly reason: string;
}

const EXPECTED = path.join(PROJECT, 'access', 'escalation', 'expected.json');

/** `npm run access -- paths` */
export const pathsCommand = defineCommand(
  {
    name: 'paths',
    summary: 'who can become able to read, by which shortest chain of permitted steps',
    options: {},
    arguments: { files: FILES_ARGUMENT },
    examples: ['npm run lab -- exec -- npm run access -- paths'],
    exitCodes: {
      0: 'each is listed with a reason in access/escalation/expected.json',
      1: 'one is not listed, or one that is listed is gone',
      2: 'called wrongly',
    },
  },
  ({ files }, { print }) => comparePaths(files, print),
);

/** Prints all paths, and compares them with the accepted ones. @returns the exit code */
async function comparePaths(files: readonly string[], print: (line: string) => void): Promise<number> {
  const computed = escalationPaths(await deploymentFrom(files));
  const accepted = readJson(EXPECTED) as AcceptedPath[];
  for (const escalation of computed) {
    const known = accepted.find((other) => same(escalation, other));
    print(known ? `accepted  ${show(escalation)} — ${known.reason}` : `NEW       ${show(escalation)}`);
  }
  const unexpected = computed.filter((escalation) => !accepted.some((other) => same(escalation, other)));
  // The first deployer has its permissions only until somebody else deploys the keys.
  const gone = accepted.filter((known) => !computed.some((other) => same(known, other)) && known.who !== 'who deployed first');
  for (const known of gone) print(`gone      ${show(known)}`);
  print(`${computed.length - unexpected.length} passed, ${unexpected.length + gone.length} failed`);
  return unexpected.length + gone.length === 0 ? 0 : 1;
}

function same(a: EscalationPath, b: EscalationPath): boolean {
  return a.who === b.who && a.reads === b.reads && a.steps.join() === b.steps.join();
}

function show({ who, reads, steps }: EscalationPath): string {
  return `${who} reads ${reads}${steps.length > 0 ? `: ${steps.join(', then ')}` : ''}`;
}
