import { readDeployment } from '../../access/graph/read';
import { resourcesOf } from '../../access/graph/terraform-resource';
import { computeMatrix } from '../../access/matrix/matrix';
import { FORMATS } from '../../access/matrix/render';
import { outcomeOf } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { mistakeLines, policyMistakes } from '../../access/report/policy-mistakes';
import { changeOf, editing, isKey, others, planOf, type Resource } from './plans';

const UNKNOWN_ACTION = { Sid: 'Misspelt', Effect: 'Deny', Principal: '*', Action: 'kms:Decrpt', Resource: '*' };
const ALIAS = {
  Sid: 'ByAlias',
  Effect: 'Allow',
  Action: 'kms:Decrypt',
  Resource: 'arn:aws:kms:eu-west-1:111122223333:alias/pipeline-table',
};

const addTo = (attribute: string, statement: Record<string, unknown>) => (resource: Resource) =>
  editing(resource, attribute, (statements) => statements.push(statement));
const onTableKey = (resource: Resource) => (isKey(resource, 'Items') ? addTo('policy', UNKNOWN_ACTION)(resource) : undefined);
const isPolicyOfTableUsers = ({ type, values }: Resource) => type === 'aws_iam_policy' && String(values.name).endsWith('TableUser');
const MISSPELT = 'policy of key pipeline-table, statement Misspelt: Statement[7].Action: kms:Decrpt: kms has no such action';

describe('a policy that AWS accepts, but that looks mistaken', () => {
  it('is evaluated, and told of in every form without changing the outcome', () => {
    const change = changeOf('keys', onTableKey);
    expect(outcomeOf(change)).toBe('unchanged');
    expect(renderChange(change, 'text')).toBe(`Applying this changes nobody’s access.\nWarnings: 1\n  ${MISSPELT}`);
    expect(renderChange(change, 'markdown')).toContain(`#### Warnings: 1\n\n- ${MISSPELT}`);
    const { warnings } = JSON.parse(renderChange(change, 'json')) as { warnings: unknown };
    expect(warnings).toEqual([
      {
        id: 'policy of key pipeline-table | Statement[7].Action | kms:Decrpt: kms has no such action',
        policy: 'policy of key pipeline-table',
        address: expect.stringMatching(/^aws_kms_key\./),
        statement: 'Misspelt',
        path: 'Statement[7].Action',
        reason: 'kms:Decrpt: kms has no such action',
      },
    ]);
  });

  it('is told of beside the matrix, whose cells stay as they are', () => {
    const deployment = readDeployment([...others('keys'), planOf('keys', onTableKey)].flatMap(resourcesOf));
    const warnings = policyMistakes(deployment);
    expect(mistakeLines(warnings)).toEqual(['Warnings: 1', `  ${MISSPELT}`]);
    const cells = computeMatrix(deployment);
    expect(cells).toEqual(computeMatrix(readDeployment([...others('keys'), planOf('keys', () => undefined)].flatMap(resourcesOf))));
    expect(FORMATS.markdown?.({ cells, differences: [], otherPermissions: [], warnings })).toContain(`Warnings: 1\n\n- ${MISSPELT}`);
    expect(JSON.parse(FORMATS.json?.({ cells: [], differences: [], otherPermissions: [], warnings }) ?? '')).toMatchObject({ warnings });
  });

  it('may name a key by its alias, which lets nobody use it', () => {
    const change = changeOf('identity', (resource) => (isPolicyOfTableUsers(resource) ? addTo('policy', ALIAS)(resource) : undefined));
    expect(change.gained).toEqual([]);
    expect(mistakeLines(change.warnings)).toEqual([
      'Warnings: 1',
      expect.stringMatching(/statement ByAlias: Statement\[\d\]\.Resource: .*alias\/pipeline-table/),
    ]);
  });

  it('is not told of when there is none', () => {
    expect(changeOf('keys', () => undefined).warnings).toEqual([]);
    expect(mistakeLines([])).toEqual([]);
  });
});
