import path from 'node:path';
import { parseArgs } from 'node:util';
import { comparePaths, parseAcceptedPaths, pathLabel } from '../../access/escalation/accepted-paths';
import { escalationPaths } from '../../access/escalation/escalation-paths';
import { readJson } from '../shared/read-json';
import { deploymentFrom } from './matrix';

const EXPECTED = path.resolve(__dirname, '../../access/escalation/expected.json');

/** Prints who can become able to read, and compares with the accepted paths. @returns the exit code */
export function paths(words: readonly string[], print: (line: string) => void): number {
  const { positionals } = parseArgs({ args: [...words], allowPositionals: true });
  const computed = escalationPaths(deploymentFrom(positionals));
  const { accepted, unexpected, stale } = comparePaths(computed, parseAcceptedPaths(readJson(EXPECTED)));
  for (const known of accepted) print(`accepted  ${pathLabel(known)} — ${known.reason}`);
  for (const fresh of unexpected) print(`NEW       ${pathLabel(fresh)}`);
  for (const gone of stale) print(`gone      ${pathLabel(gone)}`);
  print(`${computed.length - unexpected.length} passed, ${unexpected.length + stale.length} failed`);
  return unexpected.length + stale.length === 0 ? 0 : 1;
}
