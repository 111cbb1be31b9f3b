import path from 'node:path';
import { parseArgs } from 'node:util';
import { mutationLabel, policyLabel } from '../../access/matrix/id-labels';
import { mutate, parseExceptions, type Survivor } from '../../access/mutation/mutate';
import { readJson } from '../shared/read-json';
import { deploymentFrom } from './matrix';

const EXCEPTIONS = path.resolve(__dirname, '../../access/mutation/exceptions.json');

/** A mutant for people, with the ids that an exception names it by. */
const survivorText = ({ policy, statement, change }: Survivor) => `${policyLabel(policy)}, ${statement}: ${mutationLabel(change)} (${policy} ${change})`;

/** Mutates every policy and prints the mutants that the matrix does not catch. @returns the exit code */
export function mutateCommand(words: readonly string[], print: (line: string) => void): number {
  const { positionals } = parseArgs({ args: [...words], allowPositionals: true });
  const started = Date.now();
  const result = mutate(deploymentFrom(positionals), parseExceptions(readJson(EXCEPTIONS)));
  for (const one of result.survivors) print(`not caught: ${survivorText(one)}`);
  for (const one of result.stale) print(`exception no longer needed: ${survivorText(one)}`);
  print(
    `${result.mutants} mutants: ${result.caught} caught, ${result.justified.length} accepted with a reason, ${result.survivors.length} not caught, in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return result.survivors.length + result.stale.length === 0 ? 0 : 1;
}
