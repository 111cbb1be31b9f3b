import path from 'node:path';
import { comparePaths, parseAcceptedPaths, pathLabel } from '../../access/escalation/accepted-paths';
import { escalationPaths } from '../../access/escalation/escalation-paths';
import { mistakeLines, policyMistakes } from '../../access/report/policy-mistakes';
import { defineCommand } from '../shared/command-line';
import { PROJECT } from '../shared/project';
import { readJson } from '../shared/read-json';
import { deploymentFrom, FILES_ARGUMENT } from './deployment';

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
  ({ files }, { print }) => printPaths(files, print),
);

/** Prints all paths, and compares them with the accepted ones. @returns the exit code */
async function printPaths(files: readonly string[], print: (line: string) => void): Promise<number> {
  const deployment = await deploymentFrom(files);
  const computed = escalationPaths(deployment);
  const { accepted, unexpected, stale } = comparePaths(computed, parseAcceptedPaths(readJson(EXPECTED)));
  for (const known of accepted) print(`accepted  ${pathLabel(known)} — ${known.reason}`);
  for (const fresh of unexpected) print(`NEW       ${pathLabel(fresh)}`);
  for (const gone of stale) print(`gone      ${pathLabel(gone)}`);
  for (const line of mistakeLines(policyMistakes(deployment))) print(line);
  print(`${computed.length - unexpected.length} passed, ${unexpected.length + stale.length} failed`);
  return unexpected.length + stale.length === 0 ? 0 : 1;
}
