import { outcomeOf } from '../../access/plan/access-change';
import { accept, acceptedText, differenceIds, parseAccepted, staleOf, withoutAccepted } from '../../access/report/accepted';
import { changeOf, editing, isKey } from './plans';

const change = changeOf('keys', (resource) => {
  if (!isKey(resource, 'Items')) return undefined;
  const opened = editing(resource, 'policy', (statements) =>
    statements.push({
      Sid: 'Open',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:role/pipeline-OperatorRole' },
      Action: 'kms:*',
      Resource: '*',
    }),
  );
  return { ...opened, enable_key_rotation: false };
});
const unchanged = changeOf('keys', () => undefined);

describe('accepted differences', () => {
  it('leave nothing open once all are accepted, and read as they were written', () => {
    expect(outcomeOf(change)).toBe('gained');
    const accepted = accept([], change, 'asked for in change 7');
    expect(accepted.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['role/OperatorRole | key-of-table/Person/Decrypt/through-dynamodb/own', 'key/pipeline-table | not-rotated']),
    );
    expect(accepted.every(({ reason }) => reason === 'asked for in change 7')).toBe(true);
    expect(parseAccepted(JSON.parse(acceptedText(accepted)))).toEqual(accepted);
    const open = withoutAccepted(change, accepted);
    expect(outcomeOf(open)).toBe('unchanged');
    expect(open.lost).toEqual(change.lost);
    expect(differenceIds(open)).toEqual([]);
  });

  it('keep earlier entries with their reasons, also those without one and those that nothing needs', () => {
    const earlier = [{ id: 'key/pipeline-table | not-rotated', reason: 'rotated by hand' }, { id: 'role/Gone | table/Person/scan' }];
    const accepted = accept(earlier, change, 'new');
    expect(accepted.slice(0, 2)).toEqual(earlier);
    expect(accepted.length).toBe(differenceIds(change).length + 1);
    expect(staleOf(change, accepted)).toEqual([{ id: 'role/Gone | table/Person/scan' }]);
    expect(staleOf(unchanged, accepted)).toEqual(accepted);
    expect(parseAccepted(JSON.parse(acceptedText(accepted)))).toEqual(accepted);
  });

  it('read in the earlier form, a list of ids', () => {
    const ids = differenceIds(change);
    expect(outcomeOf(withoutAccepted(change, parseAccepted(ids)))).toBe('unchanged');
    expect(acceptedText(parseAccepted([]))).toBe('[]\n');
  });

  it.each([
    ['no reason', [{ id: 'a | b' }]],
    ['an empty reason', [{ id: 'a | b', reason: ' ' }]],
    ['an empty id', ['']],
    ['another member', [{ id: 'a | b', reason: 'c', until: 'd' }]],
    ['no list', { id: 'a | b', reason: 'c' }],
  ])('are refused with %s', (_what, json) => {
    expect(() => parseAccepted(json)).toThrow();
  });
});
