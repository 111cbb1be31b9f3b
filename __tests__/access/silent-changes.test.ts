import { readdirSync, readFileSync } from 'node:fs';
import { accessChange, outcomeOf } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { ProjectError } from '../../evaluator/errors';
import { type Change, documentsOf, readChanges } from './silent-changes/changes';

const DIRECTORY = `${__dirname}/silent-changes`;
const TABLES = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json') && !file.endsWith('pending.json'));

function inspect(change: Change): { readonly text: string; readonly outcome: Change['outcome'] } {
  try {
    const result = accessChange(documentsOf(change));
    return { text: renderChange(result, 'text'), outcome: outcomeOf(result) };
  } catch (error) {
    if (error instanceof ProjectError) return { text: error.message, outcome: 'error' };
    throw error;
  }
}

describe.each(TABLES)('changes of %s', (table) => {
  const changes = readChanges(readFileSync(`${DIRECTORY}/${table}`, 'utf8'));

  it.each(changes.map((change) => [change.title, change] as const))('are told: %s', (_title, change) => {
    const { text, outcome } = inspect(change);
    for (const told of change.told) expect(text).toContain(told);
    expect(outcome).toBe(change.outcome);
  });
});
