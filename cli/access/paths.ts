import path from 'node:path';
import { parseArgs } from 'node:util';
import { type EscalationPath, escalationPaths } from '../../access/escalation/escalation-paths';
import { readJson } from '../shared/read-json';
import { deploymentFrom } from './matrix';

/** A path that is known, and why it is accepted. */
export interface AcceptedPath extends EscalationPath {
  readonly reason: string;
}

const EXPECTED = path.resolve(__dirname, '../../access/escalation/expected.json');

/** Prints who can become able to read, and compares with the accepted paths. @returns the exit code */
export function paths(words: readonly string[], print: (line: string) => void): number {
  const { positionals } = parseArgs({ args: [...words], allowPositionals: true });
  const found = escalationPaths(deploymentFrom(positionals));
  const accepted = readJson(EXPECTED) as AcceptedPath[];
  const same = (a: EscalationPath, b: EscalationPath) => a.who === b.who && a.reads === b.reads && a.steps.join() === b.steps.join();
  const show = ({ who, reads, steps }: EscalationPath) => `${who} reads ${reads}${steps.length > 0 ? `: ${steps.join(', then ')}` : ''}`;
  for (const one of found) {
    const known = accepted.find((other) => same(one, other));
    print(`${known ? 'accepted' : 'NEW     '}  ${show(one)}${known ? ` — ${known.reason}` : ''}`);
  }
  const fresh = found.filter((one) => !accepted.some((other) => same(one, other)));
  // Whoever deployed first is there only until somebody else deploys the keys.
  const gone = accepted.filter((one) => !found.some((other) => same(one, other)) && one.who !== 'who deployed first');
  for (const one of gone) print(`gone      ${show(one)}`);
  print(`${found.length - fresh.length} passed, ${fresh.length + gone.length} failed`);
  return fresh.length + gone.length === 0 ? 0 : 1;
}
