import path from 'node:path';
import { mutationLabel, policyLabel } from '../../access/matrix/id-labels';
import { mutate, parseExceptions, type Survivor } from '../../access/mutation/mutate';
import { mistakeLines, policyMistakes } from '../../access/report/policy-mistakes';
import { defineCommand } from '../shared/command-line';
import { PROJECT } from '../shared/project';
import { readJson } from '../shared/read-json';
import { deploymentFrom, FILES_ARGUMENT } from './deployment';

const EXCEPTIONS = path.join(PROJECT, 'access', 'mutation', 'exceptions.json');

/** A mutant for people, with the ids that an exception names it by. */
const survivorText = ({ policy, statement, change }: Survivor) => `${policyLabel(policy)}, ${statement}: ${mutationLabel(change)} (${policy} ${change})`;

/** `npm run access -- mutate` */
export const mutateCommand = defineCommand(
  {
    name: 'mutate',
    summary: 'remove and widen each part of every policy in turn, to see that the matrix notices',
    options: {},
    arguments: { files: FILES_ARGUMENT },
    examples: ['npm run lab -- exec -- npm run access -- mutate'],
    exitCodes: {
      0: 'every change alters a cell, or is listed with a reason in access/mutation/exceptions.json',
      1: 'one does neither, or an exception is no longer needed',
      2: 'called wrongly',
    },
  },
  ({ files }, { print }) => mutatePolicies(files, print),
);

/** Mutates every policy and prints the mutants that the matrix does not catch. @returns the exit code */
async function mutatePolicies(files: readonly string[], print: (line: string) => void): Promise<number> {
  const started = Date.now();
  const deployment = await deploymentFrom(files);
  const { mutants, caught, justified, survivors, stale } = mutate(deployment, parseExceptions(readJson(EXCEPTIONS)));
  for (const survivor of survivors) print(`not caught: ${survivorText(survivor)}`);
  for (const exception of stale) print(`exception no longer needed: ${survivorText(exception)}`);
  for (const line of mistakeLines(policyMistakes(deployment))) print(line);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  print(`${mutants} mutants: ${caught} caught, ${justified.length} accepted with a reason, ${survivors.length} not caught, in ${seconds} s`);
  return survivors.length + stale.length === 0 ? 0 : 1;
}
