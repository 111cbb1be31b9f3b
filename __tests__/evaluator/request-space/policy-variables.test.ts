import type { StatementDocument } from '../../../evaluator/index';
import { comparePolicies } from '../../../evaluator/request-space/compare';

/** A policy variable. */
const variable = (key: string) => `\${${key}}`;
const HOME: StatementDocument = { Sid: 'Home', Effect: 'Allow', Action: 's3:*', Resource: `arn:aws:s3:::b/home/${variable('aws:username')}/*` };

const compare = (first: readonly StatementDocument[], second: readonly StatementDocument[]) =>
  comparePolicies({ Version: '2012-10-17', Statement: first }, { Version: '2012-10-17', Statement: second }, { kind: 'identity' });

describe('a comparison of policies with variables', () => {
  it('asks about the value with which a pattern meets another', () => {
    const { relation, groups } = compare([HOME], [HOME, { Sid: 'Admin', Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::b/home/admin/*' }]);
    expect(relation).toBe('first allows more');
    expect(groups.map(({ witness }) => witness.principal)).toEqual(['arn:aws:iam::111122223333:user/admin']);
  });

  it('takes what no value can meet for equal', () => {
    const elsewhere: StatementDocument = { Sid: 'Other', Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::c/home/*' };
    expect(compare([HOME], [HOME, elsewhere])).toMatchObject({ relation: 'equal', undetermined: [] });
  });

  it('tells the values of two keys apart', () => {
    const byTag = { ...HOME, Resource: `arn:aws:s3:::b/home/${variable('aws:PrincipalTag/user')}/*` };
    expect(compare([HOME], [byTag]).relation).toBe('each allows more');
  });

  it('knows the value that another key is compared with', () => {
    const ownTeam = (...teams: readonly string[]): StatementDocument => ({
      Effect: 'Allow',
      Action: 'sqs:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/team': [variable('aws:PrincipalTag/team'), ...teams] } },
    });
    expect(compare([ownTeam()], [ownTeam('all')])).toMatchObject({ relation: 'second allows more', undetermined: [] });
  });

  it('is undetermined where one variable is compared with another', () => {
    const chained = (team: string): StatementDocument => ({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::b/${variable('aws:PrincipalTag/team')}/*`,
      Condition: { StringEquals: { 'aws:PrincipalTag/team': team } },
    });
    const { undetermined } = compare([chained(variable('aws:PrincipalTag/group'))], [chained('red')]);
    expect(undetermined).toEqual([`aws:principaltag/team is compared with another policy variable, ${variable('aws:principaltag/group')}`]);
  });
});
