import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { escalationPaths } from '../../access/escalation/escalation-paths';
import { computeMatrix } from '../../access/matrix/matrix';
import { operationsOf } from '../../access/matrix/operations';
import { mutate } from '../../access/mutation/mutate';
import { cryptography } from '../../proof/verify/cryptography';
import { OPERATION_RUNNERS } from '../../proof/verify/operation-runners';
import { isDryRun } from '../../proof/verify/single-request';
import { deployment, model, readJson } from '../access/fixtures';

const readme = readFileSync('README.md', 'utf8').replace(/\s+/g, ' ');

/** The numbers that one sentence of the README gives; the sentence must be there exactly once. */
function figures(sentence: RegExp): number[] {
  const matches = [...readme.matchAll(new RegExp(sentence, 'g'))];
  expect(matches).toHaveLength(1);
  return (matches[0] ?? []).slice(1).map((text) => Number(text.replaceAll(',', '')));
}

describe('the figures of the README', () => {
  it('count the mutants and what became of them', () => {
    const { mutants, caught, equal } = mutate(deployment, model);
    expect(figures(/([\d,]+) mutants, ([\d,]+) change a cell, ([\d,]+) are proven to change no request/)).toEqual([mutants, caught, equal.length]);
  });

  it('count the cells of the matrix', () => {
    expect(figures(/all ([\d,]+) cells through real AWS clients/)).toEqual([computeMatrix(deployment).length]);
  });

  it('count the cells that are only decided', () => {
    const operations = operationsOf(deployment);
    const onlyDecided = operations.filter(({ id, steps }) => !OPERATION_RUNNERS.has(id) && steps.some((step) => !cryptography(step) && isDryRun(step.action)));
    const actors = computeMatrix(deployment).length / operations.length;
    expect(figures(/all as computed; ([\d,]+) of them, single requests/)).toEqual([onlyDecided.length * actors]);
  });

  it('count the escalation paths', () => {
    expect(figures(/chain of permitted steps: ([\d,]+) ways/)).toEqual([escalationPaths(deployment).length]);
  });

  it('count the access cases', () => {
    const folder = 'evaluator/case-tables';
    const cases = readdirSync(folder).reduce((sum, file) => sum + (readJson(path.join(folder, file)) as unknown[]).length, 0);
    expect(figures(/([\d,]+) of them, each with its rule/)).toEqual([cases]);
  });
});
