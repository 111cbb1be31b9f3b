import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type AccessCase, decideCase } from '../../evaluator/cases';

const FOLDER = 'evaluator/case-tables';
const tables = readdirSync(FOLDER).map(
  (file) => [file.replace('.json', ''), JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as AccessCase[]] as const,
);

describe('access cases', () => {
  it('are at least 250, each with the rule that it follows', () => {
    const all = tables.flatMap(([, cases]) => cases);
    expect(all.length).toBeGreaterThanOrEqual(250);
    expect(all.filter((one) => !one.rule)).toEqual([]);
  });

  describe.each(tables)('%s', (_table, cases) => {
    it.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => {
      const { outcome, reason } = decideCase(one);
      expect({ outcome, reason: outcome === one.expected ? '' : reason }).toEqual({ outcome: one.expected, reason: '' });
    });
  });

  it('that are invalid name the policy and the place', () => {
    const misspelt = tables.flatMap(([, cases]) => cases).find((one) => one.name === 'a misspelt action');
    expect(decideCase(misspelt as AccessCase).reason).toBe('identity policy: Statement[0].Action: sqs:SendMesage: sqs has no such action');
  });
});
