import type { Cell } from '../../access/matrix/matrix';
import { accessChange } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { changeOf, editing, gains, isKey, planOf, state, statement } from './plans';

describe('plan inspection', () => {
  it('finds nothing in a plan that changes nothing', () => {
    const change = changeOf('keys', () => undefined);
    expect(change).toMatchObject({ gained: [], lost: [], undetermined: [], statements: [], lostStatements: [], protections: [], pending: [], warnings: [] });
    expect(renderChange(change, 'text')).toContain('nobody’s access');
  });

  it('names whom a key policy delegated to the account lets in, and the delegation', () => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Items')
        ? editing(resource, 'policy', (statements) =>
            statements.push({ Sid: 'Careless', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' }),
          )
        : undefined,
    );
    expect(gains(change)).toEqual(expect.arrayContaining(['role/AdminRole | table/Person/scan', 'role/AdminRole | key/table/Decrypt-directly']));
    expect(change.gained.find(({ actor, operation }) => actor === 'role/AdminRole' && operation === 'table/Person/scan')?.decidedBy).toContain(
      'Careless (policy of key pipeline-table)',
    );
    expect(change.protections).toEqual([
      {
        id: 'key/pipeline-table | delegated-by-Careless',
        what: 'key pipeline-table',
        change: 'its statement Careless delegates to the account: IAM policies decide who uses it',
      },
    ]);
  });

  it('names who may decrypt directly once kms:ViaService is dropped', () => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Messages')
        ? editing(resource, 'policy', (statements) => {
            const { StringEquals } = statement(statements, 'ReceiveByConsumer').Condition as { StringEquals: Record<string, string> };
            delete StringEquals['kms:ViaService'];
          })
        : undefined,
    );
    expect(gains(change).every((gain) => /^role\/ConsumerRole\/.*Decrypt(-directly|\/directly|\/through-dynamodb)/.test(gain))).toBe(true);
    expect(change.gained.length).toBeGreaterThan(0);
    expect(change.gained[0]?.decidedBy).toContain('ReceiveByConsumer (policy of key pipeline-queue)');
  });

  it('names the NotAllowed role once the key policy names it', () => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Messages')
        ? editing(resource, 'policy', (statements) => {
            statement(statements, 'SendByProducer').Principal = {
              AWS: ['arn:aws:iam::111122223333:role/pipeline-SQSAccessRole', 'arn:aws:iam::111122223333:role/pipeline-SQSAccessNotAllowedRole'],
            };
          })
        : undefined,
    );
    expect(gains(change)).toContain('role/SQSAccessNotAllowedRole | queue/people/send');
    expect(change.gained.find(({ operation }) => operation === 'queue/people/send')?.decidedBy).toContain('SendByProducer');
  });

  it('names everybody whom a queue policy for everybody lets in', () => {
    const change = changeOf('dataplane', (resource) =>
      resource.type === 'aws_sqs_queue_policy' && String(resource.values.queue_url).endsWith('/pipeline-people')
        ? editing(resource, 'policy', (statements) => {
            statements.splice(0, statements.length, { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' });
          })
        : undefined,
    );
    expect(gains(change)).toEqual(
      expect.arrayContaining(['anonymous | queue/people/delete-message', 'role/AdminRole | permission/queue/people/sqs:SendMessage']),
    );
    expect(change.gained.find(({ actor }) => actor === 'anonymous')?.decidedBy).toContain('Open (policy of queue pipeline-people)');
  });

  it('names the Deny whose end gives access, together with the statement that then allows', () => {
    const change = changeOf('dataplane', (resource) =>
      resource.type === 'aws_sqs_queue_policy' && String(resource.values.queue_url).endsWith('/pipeline-people')
        ? editing(resource, 'policy', (statements) => void statements.splice(statements.indexOf(statement(statements, 'DenySendToAllButProducers')), 1))
        : undefined,
    );
    expect(change.gained.find(({ actor, operation }) => actor === 'role/AdminRole' && operation === 'permission/queue/people/sqs:SendMessage')?.decidedBy).toBe(
      'sqs:SendMessage: DenySendToAllButProducers (policy of queue pipeline-people) no longer denies it; EverythingForAdministrators (pipeline-Admin) allows it',
    );
  });

  it('names what no longer stands behind an operation once a queue has no key', () => {
    const change = changeOf('dataplane', (resource) => (resource.values.name === 'pipeline-people' ? { kms_master_key_id: '' } : undefined));
    expect(change.gained.find(({ actor, operation }) => actor === 'role/SQSAccessNotAllowedRole' && operation === 'queue/people/send')?.decidedBy).toBe(
      'kms:GenerateDataKey: not asked for any more',
    );
  });

  it('takes what reads changed outputs for not settled', () => {
    const planned = planOf('keys', () => undefined);
    const changed = { ...planned, output_changes: { queue_key_arn: { actions: ['update'] }, table_key_arn: { actions: ['no-op'] } } };
    const change = accessChange([state('identity'), changed, planOf('dataplane', () => undefined)]);
    expect(change.pending).toEqual(['dataplane']);
    expect(renderChange(change, 'text')).toContain('Not settled: dataplane');
  });

  it('names who may assume a role once its trust asks for no MFA', () => {
    const change = changeOf('identity', (resource) =>
      resource.values.name === 'pipeline-DBAccessRole'
        ? editing(resource, 'assume_role_policy', (statements) => {
            delete statement(statements, 'AssumedByPeopleOfTheAccount').Condition;
          })
        : undefined,
    );
    expect(gains(change)).toContain('role/AdminRole | role/DBAccessRole/assume');
    expect(change.gained[0]?.decidedBy).toContain('AssumedByPeopleOfTheAccount (trust of pipeline-DBAccessRole)');
  });

  it('names the other function once the execution role writes from anywhere', () => {
    const change = changeOf('identity', (resource) =>
      resource.type === 'aws_iam_role_policy'
        ? editing(resource, 'policy', (statements) => {
            delete statement(statements, 'WriteFromThisFunctionOnly').Condition;
          })
        : undefined,
    );
    expect(gains(change)).toContain('role/ConsumerRole/in-other-function | table/Person/batch-write');
  });

  it('names what is lost too, and what no longer allows it', () => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Items')
        ? editing(resource, 'policy', (statements) => void statements.splice(statements.indexOf(statement(statements, 'ReadAndWriteByTableUser')), 1))
        : undefined,
    );
    expect(change.gained).toEqual([]);
    expect(change.lost).toContainEqual({
      actor: 'role/DBAccessRole',
      operation: 'table/Person/scan',
      outcome: 'denied',
      decidedBy: 'kms:Decrypt: ReadAndWriteByTableUser (policy of key pipeline-table) no longer allows it',
    });
  });

  it('takes a changed table for what it loses: its protection and its past', () => {
    const change = changeOf('dataplane', (resource) => (resource.type === 'aws_dynamodb_table' ? { point_in_time_recovery: [{ enabled: false }] } : undefined));
    expect(change.protections).toEqual([
      { id: 'table/pipeline-Person | no-point-in-time-recovery', what: 'pipeline-Person', change: 'cannot be restored to a point in time any more' },
    ]);
  });

  it('fits a comment on a pull request, however many cells there are', () => {
    const decidedBy = 'kms:Decrypt: Careless (policy of key pipeline-table)';
    const gained = Array.from(
      { length: 5000 },
      (_, index): Cell => ({ actor: `role/${index}`, operation: 'table/Person/scan', outcome: 'allowed', decidedBy }),
    );
    const none = { lost: [], undetermined: [], statements: [], lostStatements: [], protections: [], pending: [], warnings: [], addresses: {} };
    const text = renderChange({ gained, ...none }, 'markdown');
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('#### Gained: 5000');
    expect(text).toMatch(/… \d+ more lines/);
  });

  it('reports a policy that only an apply will tell as undetermined, never as a pass', () => {
    const change = changeOf('keys', (resource) => (isKey(resource, 'Items') ? 'unknown policy' : undefined));
    expect(change.gained).toEqual([]);
    expect(change.undetermined.map(({ actor, operation }) => `${actor} | ${operation}`)).toEqual(
      expect.arrayContaining(['role/AdminRole | table/Person/scan', 'role/DBAccessRole | table/Person/scan']),
    );
  });

  it('names keys that are less protected, data without key, and data that goes', () => {
    const keys = changeOf('keys', (resource) => (isKey(resource, 'Items') ? { enable_key_rotation: false, deletion_window_in_days: 7 } : undefined));
    expect(keys.protections.map(({ change }) => change)).toEqual(['is not rotated', 'can be deleted after 7 days instead of 30']);
    const data = changeOf('dataplane', (resource) =>
      resource.values.name === 'pipeline-people' ? { kms_master_key_id: '' } : resource.type === 'aws_dynamodb_table' ? 'destroy' : undefined,
    );
    expect(data.protections).toEqual([
      { id: 'queue/pipeline-people | no-key', what: 'pipeline-people', change: 'has no customer managed key' },
      {
        id: expect.stringMatching(/^aws_dynamodb_table\..* \| destroyed$/),
        what: expect.stringContaining('aws_dynamodb_table.'),
        change: 'is destroyed: what it holds is lost',
      },
    ]);
  });

  it('is told in Markdown for a pull request', () => {
    const change = changeOf('dataplane', (resource) => (resource.type === 'aws_dynamodb_table' ? 'destroy' : undefined));
    expect(renderChange(change, 'markdown')).toMatch(/^### Access\n\n#### Protection lost: 1/);
  });
});
