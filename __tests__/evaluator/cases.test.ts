import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type AccessCase, decideCase } from '../../evaluator/cases';
import { compilePolicy, formatArn, ProjectError, parseArn } from '../../evaluator/index';

const FOLDER = 'evaluator/case-tables';
const tables = readdirSync(FOLDER).map(
  (file) => [file.replace('.json', ''), JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as AccessCase[]] as const,
);

describe('access cases', () => {
  it('are at least 250, each with the rule that it follows', () => {
    const all = tables.flatMap(([, cases]) => cases);
    expect(all.length).toBeGreaterThanOrEqual(250);
    expect(all.filter(({ rule }) => !rule)).toEqual([]);
  });

  describe.each(tables)('%s', (_table, cases) => {
    it.each(cases.map((accessCase) => [accessCase.name, accessCase] as const))('%s', (_name, accessCase) => {
      const { outcome, reason } = decideCase(accessCase);
      expect({ outcome, reason: outcome === accessCase.expected ? '' : reason }).toEqual({ outcome: accessCase.expected, reason: '' });
    });
  });

  describe('with policies that AWS accepts, but that look mistaken', () => {
    const { strict: _strict, ...misspelt } = tables.flatMap(([, cases]) => cases).find(({ name }) => name === 'a misspelt action') ?? nothing();
    const mistake = 'identity policy: Statement[0].Action: sqs:SendMesage: sqs has no such action';

    it('are decided as AWS does, with a warning', () => {
      const { outcome, warnings } = decideCase(misspelt);
      expect({ outcome, warnings }).toEqual({ outcome: 'implicitly denied', warnings: [mistake] });
    });

    it('are invalid when they are read strictly, and name policy and path', () => {
      const { outcome, reason, warnings } = decideCase(misspelt, { strict: true });
      expect({ outcome, reason, warnings }).toEqual({ outcome: 'invalid', reason: mistake, warnings: [] });
    });

    it('are told of once each, with every mistake', () => {
      const Statement = [
        { Effect: 'Allow', Action: ['sqs:SendMesage', 'kms:Decrypt'], Resource: 'arn:aws:kms:eu-west-1:111122223333:alias/x' },
        { Effect: 'Deny', NotAction: 'sqz:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransports': 'false' } } },
      ] as const;
      const policy = compilePolicy('p', { Version: '2012-10-17', Statement }, 'identity', { strict: false });
      expect(policy.warnings).toEqual([
        { path: 'Statement[0].Action', reason: 'sqs:SendMesage: sqs has no such action' },
        { path: 'Statement[0].Resource', reason: 'arn:aws:kms:eu-west-1:111122223333:alias/x: none of the actions acts on such a resource' },
        { path: 'Statement[1].NotAction', reason: 'sqz:*: there is no service sqz' },
        { path: 'Statement[1].Condition.Bool', reason: 'there is no condition key aws:SecureTransports' },
      ]);
    });
  });
});

describe('the error of a policy', () => {
  it('is one of the project, with its name, path and cause', () => {
    let thrown: unknown;
    try {
      compilePolicy('p', '{', 'identity');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProjectError);
    expect(thrown).toMatchObject({ name: 'PolicyError', path: 'document', message: 'p: document: not JSON', cause: expect.any(SyntaxError) });
  });
});

describe('an ARN', () => {
  it.each(['arn:aws:iam::111122223333:role/team/Reader', 'arn:aws:sns:eu-west-1:111122223333:topic:1', 'arn:aws:s3:::b/k'])(
    'is written as it was read: %s',
    (text) => {
      const arn = parseArn(text);
      expect(arn && formatArn(arn)).toBe(text);
    },
  );
});

function nothing(): never {
  throw new Error('The tables must hold the case');
}
