import { readFileSync } from 'node:fs';
import { readDeployment } from '../../access/deployment/deployment';
import { resourcesOf, type TerraformDocument } from '../../access/deployment/terraform-json';
import { type Cell, computeMatrix } from '../../access/matrix/matrix';
import { pathsToPlaintext } from '../../access/paths/paths';

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const documents = ['identity', 'keys', 'dataplane'].map((stack) => json(`__tests__/access/fixtures/${stack}.json`) as TerraformDocument);
const cells = computeMatrix(readDeployment(documents.flatMap(resourcesOf)));
const withCell = (actor: string, operation: string): Cell[] =>
  cells.map((cell) => (cell.actor === actor && cell.operation === operation ? { ...cell, outcome: 'allowed' } : cell));

describe('paths to plaintext', () => {
  it('are the accepted ones, each with a reason', () => {
    const accepted = json('access/paths/expected.json') as { who: string; reads: string; steps: string[]; reason: string }[];
    expect(pathsToPlaintext(cells)).toEqual(accepted.map(({ reason: _reason, ...path }) => path));
    expect(accepted.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  it('do not exist for the roles that must not read', () => {
    const who = new Set(pathsToPlaintext(cells).map((path) => path.who));
    for (const role of [
      'DBAccessNotAllowedRole',
      'SQSAccessRole',
      'SQSAccessNotAllowedRole',
      'KeyManagerRole',
      'a user without MFA',
      'anonymous',
      'an administrator of another account',
    ]) {
      expect(who).not.toContain(role);
    }
  });

  it('appear with a permission to change a key policy or a trust policy', () => {
    const byKey = pathsToPlaintext(withCell('DBAccessNotAllowedRole', 'key table: change its policy'));
    expect(byKey).toContainEqual({ who: 'DBAccessNotAllowedRole', reads: 'table', steps: ['change the policy of the key table'] });
    const byTrust = pathsToPlaintext(withCell('SQSAccessRole', 'DBAccessRole: iam:UpdateAssumeRolePolicy'));
    expect(byTrust).toContainEqual({ who: 'SQSAccessRole', reads: 'table', steps: ['change the trust of DBAccessRole and assume it'] });
  });
});
