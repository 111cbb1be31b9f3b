import { readFileSync } from 'node:fs';
import { accessChange, outcomeOf } from '../../../access/plan/access-change';
import { renderChange } from '../../../access/plan/render';
import { ProjectError } from '../../../evaluator/errors';
import { type Change, documentsOf, readChanges } from './changes';

function inspect(change: Change): { readonly text: string; readonly outcome: Change['outcome'] } {
  try {
    const result = accessChange(documentsOf(change));
    return { text: renderChange(result, 'text'), outcome: outcomeOf(result) };
  } catch (error) {
    if (error instanceof ProjectError) return { text: error.message, outcome: 'error' };
    throw error;
  }
}

/** Holds plan against the changes of a table: what each is told as, and with which outcome. */
export function walk(table: string): void {
  const changes = readChanges(readFileSync(`${__dirname}/${table}.json`, 'utf8'));
  describe(`changes of ${table}`, () => {
    it.each(changes.map((change) => [change.title, change] as const))('are told: %s', (_title, change) => {
      const { text, outcome } = inspect(change);
      for (const told of change.told) expect(text).toContain(told);
      expect(outcome).toBe(change.outcome);
    });
  });
}
