import { readFileSync } from 'node:fs';
import { readDeployment } from '../../access/graph/read';
import { resourcesOf, type TerraformDocument } from '../../access/graph/terraform-json';
import { compare, type ExpectedMatrix } from '../../access/matrix/expected';
import { computeMatrix } from '../../access/matrix/matrix';
import { FORMATS } from '../../access/matrix/render';
import { type Exception, mutate } from '../../access/mutation/mutate';

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const documents = ['identity', 'keys', 'dataplane'].map((stack) => json(`__tests__/access/fixtures/${stack}.json`) as TerraformDocument);
const deployment = readDeployment(documents.flatMap(resourcesOf));
const cells = computeMatrix(deployment);
const expected = json('access/matrix/expected.json') as ExpectedMatrix;

describe('the access matrix', () => {
  it('is as expected in every cell', () => {
    expect(compare(cells, expected)).toEqual({ differences: [], unknownOperations: [], missingOperations: [] });
  });

  it('tells the two roles of each pair apart by the key policies alone', () => {
    const of = (actor: string) => cells.filter((cell) => cell.actor === actor).map(({ operation, outcome }) => [operation, outcome] as const);
    for (const [allowed, notAllowed] of [
      ['SQSAccessRole', 'SQSAccessNotAllowedRole'],
      ['DBAccessRole', 'DBAccessNotAllowedRole'],
    ] as const) {
      const other = new Map(of(notAllowed));
      const differing = of(allowed).filter(([operation, outcome]) => other.get(operation) !== outcome);
      expect(differing.length).toBeGreaterThan(0);
      expect(differing.filter(([, outcome]) => outcome !== 'allowed')).toEqual([]);
    }
  });

  it('lets nobody decrypt directly', () => {
    expect(cells.filter(({ operation, outcome }) => /(Decrypt|Encrypt|GenerateDataKey) directly/.test(operation) && outcome === 'allowed')).toEqual([]);
  });

  it('shows a difference with the statement that decides', () => {
    const wrong = compare(cells, { ...expected, 'people: send': ['AdminRole', 'SQSAccessRole'] });
    expect(wrong.differences).toEqual([
      expect.objectContaining({ actor: 'AdminRole', expected: 'allowed', outcome: 'denied', decidedBy: expect.stringContaining('DenySendToAllButProducers') }),
    ]);
    const junit = FORMATS.junit?.({ cells, expected, differences: wrong.differences });
    expect(junit).toMatch(/failures="1"/);
    expect(FORMATS.html?.({ cells, expected, differences: wrong.differences })).toContain('class="denied wrong"');
    expect(FORMATS.markdown?.({ cells, expected, differences: [] })).toContain('| people: send | SQSAccessRole |');
  });
});

describe('mutation', () => {
  it('of every policy changes a cell, or a reason says why it need not', () => {
    const result = mutate(deployment, json('access/mutation/exceptions.json') as Exception[]);
    expect({ survivors: result.survivors, stale: result.stale }).toEqual({ survivors: [], stale: [] });
    expect(result.caught + result.justified.length).toBe(result.mutants);
  });
});
