import { type AccessModel, heldPolicyId, withTexts } from '../../../access/model/access-model';
import { compareAccess } from '../../../access/space/compare-access';
import { model } from '../fixtures';

/** The model with one statement more in the policy of each key. */
function withInKeys(statement: object): AccessModel {
  const texts = model.resources.flatMap(({ kind, policy }) => {
    if (kind !== 'key' || !policy) return [];
    const document = JSON.parse(policy.text) as { Statement: object[] };
    return [[heldPolicyId(policy), JSON.stringify({ ...document, Statement: [...document.Statement, statement] })] as const];
  });
  return withTexts(model, new Map(texts));
}

const allow = (Principal: object) => ({ Sid: 'More', Effect: 'Allow', Principal, Action: 'kms:Decrypt', Resource: '*' });

describe('a comparison of two models', () => {
  it('finds nothing between a model and itself', () => {
    expect(compareAccess(model, model)).toEqual({ differences: [], undetermined: [] });
  });

  it('tells of every policy that names a principal by a unique id', () => {
    const { undetermined } = compareAccess(model, withInKeys(allow({ AWS: 'AROAABCDEFGHIJKLMNOPQ' })));
    expect(undetermined).toHaveLength(3);
    for (const reason of undetermined) expect(reason).toContain('unique id AROAABCDEFGHIJKLMNOPQ; give its ARN');
  });

  it('names the one who gains, the statement and a request', () => {
    const { differences } = compareAccess(model, withInKeys(allow({ AWS: 'arn:aws:iam::111122223333:role/pipeline-OperatorRole' })));
    expect(differences.map(({ who, cause, effect, actions }) => ({ who, cause, effect, actions }))).toEqual(
      ['logs', 'queue', 'table'].map((key) => ({
        who: 'role pipeline-OperatorRole',
        cause: `More (policy of key pipeline-${key})`,
        effect: 'allows',
        actions: ['kms:Decrypt'],
      })),
    );
  });

  it('ends in undetermined, not in silence, where its limit is reached', () => {
    const { undetermined } = compareAccess(undefined, model, { nodeLimit: 10 });
    expect(undetermined.some((reason) => reason.includes('the limit of the search was reached'))).toBe(true);
  });
});
