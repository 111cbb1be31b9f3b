import { readdirSync, readFileSync } from 'node:fs';
import { accessChange, outcomeOf } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { ProjectError } from '../../evaluator/errors';
import { type Change, documentsOf, readChanges } from './silent-changes/changes';

const DIRECTORY = `${__dirname}/silent-changes`;
const FILES = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json'));
/** Changes that are told wrongly today are written down, but not walked. */
const isPending = (file: string) => file.endsWith('pending.json');
const changesIn = (file: string) => readChanges(readFileSync(`${DIRECTORY}/${file}`, 'utf8'));

function inspect(change: Change): { readonly text: string; readonly outcome: Change['outcome'] } {
  try {
    const result = accessChange(documentsOf(change));
    return { text: renderChange(result, 'text'), outcome: outcomeOf(result) };
  } catch (error) {
    if (error instanceof ProjectError) return { text: error.message, outcome: 'error' };
    throw error;
  }
}

describe.each(FILES.filter((file) => !isPending(file)))('changes of %s', (file) => {
  it.each(changesIn(file).map((change) => [change.title, change] as const))('are told: %s', (_title, change) => {
    const { text, outcome } = inspect(change);
    for (const told of change.told) expect(text).toContain(told);
    expect(outcome).toBe(change.outcome);
  });
});

describe('changes that are not walked', () => {
  it('are told wrongly for a reason that each of them names', () => {
    const withoutReason = FILES.filter(isPending)
      .flatMap(changesIn)
      .filter(({ reason }) => !reason);
    expect(withoutReason).toEqual([]);
  });
});
