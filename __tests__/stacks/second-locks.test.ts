import { mutate } from '../../access/mutation/mutate';
import { SECOND_LOCKS } from '../../stacks/policies/second-locks';
import { deployment, model } from '../access/fixtures';

describe('the second locks of the policies', () => {
  const removals = mutate(deployment, model).equal.filter(({ change }) => change.startsWith('remove-'));
  const marked = SECOND_LOCKS.map(({ sid, part }) => `${sid}: remove-${part}`).sort();

  it('are exactly the parts of statements without which no request is decided otherwise', () => {
    expect(removals.map(({ statement, change }) => `${statement}: ${change}`).sort()).toEqual(marked);
  });

  it('each name the statement that makes them redundant, and a page of AWS', () => {
    for (const { firstLock, page } of SECOND_LOCKS) {
      expect(firstLock).toMatch(/ \(\w+\.ts\)/);
      expect(page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    }
  });
});
