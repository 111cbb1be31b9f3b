import { readDeployment, readModel } from '../../access/graph/read';
import { mutationLabel, policyLabel } from '../../access/matrix/id-labels';
import { mutate, type UncaughtMutant } from '../../access/mutation/mutate';
import { mistakeLines, policyMistakes } from '../../access/report/policy-mistakes';
import { SECOND_LOCKS } from '../../stacks/policies/second-locks';
import { defineCommand } from '../shared/command-line';
import { FILES_ARGUMENT, resourcesFrom } from './deployment';

/** A mutant for people, with its ids. */
const mutantText = ({ policy, statement, change }: UncaughtMutant) => `${policyLabel(policy)}, ${statement}: ${mutationLabel(change)} (${policy} ${change})`;

/** Why a part that changes no request stays, as far as the stacks say so. */
function secondLockText({ statement, change }: UncaughtMutant): string {
  const lock = SECOND_LOCKS.find(({ sid, part }) => statement === sid && change === `remove-${part}`);
  return lock ? `; a second lock: ${lock.firstLock}; ${lock.page}` : '';
}

/** `npm run access -- mutate` */
export const mutateCommand = defineCommand(
  {
    name: 'mutate',
    summary: 'remove and widen each part of every policy in turn, to see that the matrix notices',
    options: {},
    arguments: { files: FILES_ARGUMENT },
    examples: ['npm run lab -- exec -- npm run access -- mutate'],
    exitCodes: {
      0: 'every change alters a cell, or is proven to change no request',
      1: 'one does neither, or this is not known',
      2: 'called wrongly',
    },
  },
  ({ files }, { print }) => mutatePolicies(files, print),
);

/** Mutates every policy and prints the mutants that the matrix does not catch. @returns the exit code */
async function mutatePolicies(files: readonly string[], print: (line: string) => void): Promise<number> {
  const started = Date.now();
  const resources = await resourcesFrom(files);
  const deployment = readDeployment(resources);
  const { mutants, caught, equal, survivors } = mutate(deployment, readModel(resources));
  for (const mutant of equal) print(`changes no request: ${mutantText(mutant)}${secondLockText(mutant)}`);
  for (const survivor of survivors) print(`not caught: ${mutantText(survivor)}: ${survivor.reason}`);
  for (const line of mistakeLines(policyMistakes(deployment))) print(line);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  print(`${mutants} mutants: ${caught} change the matrix, ${equal.length} change no request, ${survivors.length} not caught, in ${seconds} s`);
  return survivors.length === 0 ? 0 : 1;
}
