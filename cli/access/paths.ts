import path from 'node:path';
import { type AcceptedPath, comparePaths, type PathComparison, parseAcceptedPaths, pathLabel } from '../../access/escalation/accepted-paths';
import { escalationPaths } from '../../access/escalation/escalation-paths';
import { notFollowed, parseHarmlessActions } from '../../access/escalation/not-followed';
import { permissionLine } from '../../access/permissions/permission-lines';
import type { Permission } from '../../access/permissions/permissions-beyond';
import { mistakeLines, policyMistakes } from '../../access/report/policy-mistakes';
import { defineCommand } from '../shared/command-line';
import { PROJECT } from '../shared/project';
import { readJson } from '../shared/read-json';
import { deploymentFrom, FILES_ARGUMENT } from './deployment';

const ESCALATION = path.join(PROJECT, 'access', 'escalation');

/** `npm run access -- paths` */
export const pathsCommand = defineCommand(
  {
    name: 'paths',
    summary: 'who can become able to read, by which shortest chain of permitted steps',
    details: 'What policies allow, what changes something and what no step follows is listed as well: it is no error, but nobody has looked where it leads.',
    options: {
      format: { type: 'string', choices: ['text', 'json'], default: 'text', description: 'form of the result' },
      all: { type: 'boolean', description: 'list every action that is not followed, however many; JSON always does' },
    },
    arguments: { files: FILES_ARGUMENT },
    examples: ['npm run lab -- exec -- npm run access -- paths', 'npm run access -- paths --format json state.json'],
    exitCodes: {
      0: 'each is listed with a reason in access/escalation/expected.json',
      1: 'one is not listed, or one that is listed is gone',
      2: 'called wrongly',
    },
  },
  async ({ files, format, all }, { print, log }) => {
    const deployment = await deploymentFrom(files);
    const accepted = parseAcceptedPaths(readJson(path.join(ESCALATION, 'expected.json')));
    const comparison = comparePaths(escalationPaths(deployment), accepted);
    const open = notFollowed(deployment, parseHarmlessActions(readJson(path.join(ESCALATION, 'harmless-actions.json'))));
    for (const line of format === 'json' ? [toJson(comparison, open)] : lines(comparison, open, all)) print(line);
    for (const line of mistakeLines(policyMistakes(deployment))) log(line);
    for (const address of deployment.unsupported) log(`${address}: resources of this type are not supported, so no path leads through it`);
    return comparison.unexpected.length + comparison.stale.length === 0 ? 0 : 1;
  },
);

/** All paths, how they differ from the accepted ones, and what no step follows. */
function lines({ accepted, unexpected, stale }: PathComparison, open: readonly Permission[], isWhole: boolean): string[] {
  return [
    ...accepted.map((known) => `accepted      ${pathLabel(known)} — ${known.reason}`),
    ...unexpected.map((fresh) => `NEW           ${pathLabel(fresh)}`),
    ...stale.map((gone) => `gone          ${pathLabel(gone)}`),
    ...open.map((permission) => `not followed  ${permissionLine(permission, isWhole)}`),
    `${accepted.length} passed, ${unexpected.length + stale.length} failed`,
  ];
}

function toJson({ accepted, unexpected, stale }: PathComparison, open: readonly Permission[]): string {
  const labelled = (known: Pick<AcceptedPath, 'actor' | 'reads' | 'steps'>) => ({ label: pathLabel(known), ...known });
  return JSON.stringify({ accepted: accepted.map(labelled), unexpected: unexpected.map(labelled), stale: stale.map(labelled), notFollowed: open }, null, 1);
}
