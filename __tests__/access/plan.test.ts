import { readFileSync } from 'node:fs';
import type { TerraformDocument } from '../../access/deployment/terraform-json';
import { type AccessChange, accessChange } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';

interface Resource {
  address: string;
  type: string;
  mode: string;
  values: Record<string, unknown>;
}
interface State {
  values: { root_module: { resources: Resource[] } };
}

const state = (stack: string) => JSON.parse(readFileSync(`__tests__/access/fixtures/${stack}.json`, 'utf8')) as State;

/** A plan that changes some resources of a deployed stack, in the form of terraform show -json. */
function planOf(stack: string, change: (resource: Resource) => Record<string, unknown> | 'unknown policy' | 'destroy' | undefined): TerraformDocument {
  const before = state(stack);
  const after = state(stack);
  const changes: unknown[] = [];
  after.values.root_module.resources = after.values.root_module.resources.flatMap((resource) => {
    const changed = change(resource);
    if (changed === undefined) return [resource];
    const entry = {
      address: resource.address,
      type: resource.type,
      mode: 'managed',
      change: { actions: ['update'], before: resource.values, after_unknown: {} },
    };
    if (changed === 'destroy') {
      changes.push({ ...entry, change: { ...entry.change, actions: ['delete'] } });
      return [];
    }
    if (changed === 'unknown policy') {
      changes.push({ ...entry, change: { ...entry.change, after_unknown: { policy: true } } });
      const { policy: _policy, ...values } = resource.values;
      return [{ ...resource, values }];
    }
    changes.push(entry);
    return [{ ...resource, values: { ...resource.values, ...changed } }];
  });
  return {
    prior_state: before,
    planned_values: { root_module: { resources: after.values.root_module.resources.filter((one) => one.mode === 'managed') } },
    resource_changes: changes,
  } as unknown as TerraformDocument;
}

/** A plan that makes one more resource. */
function planAdding(stack: string, type: string, values: Record<string, unknown>, unknown: Record<string, true> = {}): TerraformDocument {
  const address = `${type}.more`;
  const plan = planOf(stack, () => undefined) as unknown as { planned_values: { root_module: { resources: Resource[] } }; resource_changes: unknown[] };
  plan.planned_values.root_module.resources.push({ address, type, mode: 'managed', values });
  plan.resource_changes.push({ address, type, mode: 'managed', change: { actions: ['create'], before: null, after_unknown: unknown } });
  return plan as unknown as TerraformDocument;
}

const others = (stack: string) => ['identity', 'keys', 'dataplane'].filter((one) => one !== stack).map((one) => state(one) as unknown as TerraformDocument);

/** Edits the statements of a policy attribute. */
function editing(resource: Resource, attribute: string, edit: (statements: Record<string, unknown>[]) => void): Record<string, unknown> {
  const document = JSON.parse(String(resource.values[attribute])) as { Statement: Record<string, unknown>[] };
  edit(document.Statement);
  return { [attribute]: JSON.stringify(document) };
}

const isKey = (resource: Resource, words: string) => resource.type === 'aws_kms_key' && String(resource.values.description).startsWith(words);
const statement = (statements: Record<string, unknown>[], sid: string) => statements.find((one) => one.Sid === sid) as Record<string, unknown>;
const changeOf = (stack: string, change: Parameters<typeof planOf>[1]): AccessChange => accessChange([...others(stack), planOf(stack, change)]);
const gains = (change: AccessChange) => change.gained.map(({ actor, operation }) => `${actor} | ${operation}`);

describe('plan inspection', () => {
  it('finds nothing in a plan that changes nothing', () => {
    const change = changeOf('keys', () => undefined);
    expect(change).toEqual({ gained: [], lost: [], undetermined: [], protections: [], pending: [] });
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
    expect(gains(change)).toEqual(expect.arrayContaining(['AdminRole | Person: scan', 'AdminRole | key table: Decrypt directly']));
    expect(change.gained.find(({ actor, operation }) => actor === 'AdminRole' && operation === 'Person: scan')?.decidedBy).toContain(
      'Careless (policy of key pipeline-table)',
    );
    expect(change.protections).toEqual([
      { what: 'key pipeline-table', change: 'its statement Careless delegates to the account: IAM policies decide who uses it' },
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
    expect(gains(change).every((one) => /^(ConsumerRole|Lambda polling)/.test(one) && /Decrypt (directly|through dynamodb)/.test(one))).toBe(true);
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
    expect(gains(change)).toContain('SQSAccessNotAllowedRole | people: send');
    expect(change.gained.find(({ operation }) => operation === 'people: send')?.decidedBy).toContain('SendByProducer');
  });

  it.each([
    ['another account', { AWS: '444455556666' }, 'an administrator of account 444455556666'],
    ['a role of another account', { AWS: 'arn:aws:iam::444455556666:role/Reader' }, 'arn:aws:iam::444455556666:role/Reader'],
    ['a user that is not deployed', { AWS: 'arn:aws:iam::111122223333:user/bob' }, 'arn:aws:iam::111122223333:user/bob'],
    ['a service', { Service: 'events.amazonaws.com' }, 'events.amazonaws.com'],
  ])('names %s that a key policy lets in', (_what, Principal, name) => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Messages')
        ? editing(resource, 'policy', (statements) => statements.push({ Sid: 'Guest', Effect: 'Allow', Principal, Action: 'kms:Decrypt', Resource: '*' }))
        : undefined,
    );
    expect(gains(change)).toContain(`${name} | key queue: Decrypt directly`);
    expect(change.gained.every(({ actor, decidedBy }) => actor === name && decidedBy.startsWith('kms:Decrypt: Guest'))).toBe(true);
  });

  it('names everybody whom a queue policy for everybody lets in', () => {
    const change = changeOf('dataplane', (resource) =>
      resource.type === 'aws_sqs_queue_policy' && String(resource.values.queue_url).endsWith('/pipeline-people')
        ? editing(resource, 'policy', (statements) => {
            statements.splice(0, statements.length, { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' });
          })
        : undefined,
    );
    expect(gains(change)).toEqual(expect.arrayContaining(['anonymous | people: delete a message', 'AdminRole | people: sqs:SendMessage']));
    expect(change.gained.find(({ actor }) => actor === 'anonymous')?.decidedBy).toContain('Open (policy of queue pipeline-people)');
  });

  it('names the Deny whose end lets somebody in, beside the statement that then allows', () => {
    const change = changeOf('dataplane', (resource) =>
      resource.type === 'aws_sqs_queue_policy' && String(resource.values.queue_url).endsWith('/pipeline-people')
        ? editing(resource, 'policy', (statements) => void statements.splice(statements.indexOf(statement(statements, 'DenySendToAllButProducers')), 1))
        : undefined,
    );
    expect(change.gained.find(({ actor, operation }) => actor === 'AdminRole' && operation === 'people: sqs:SendMessage')?.decidedBy).toBe(
      'sqs:SendMessage: DenySendToAllButProducers (policy of queue pipeline-people) no longer denies it; EverythingForAdministrators (pipeline-Admin) allows it',
    );
  });

  it('names what no longer stands behind an operation once a queue has no key', () => {
    const change = changeOf('dataplane', (resource) => (resource.values.name === 'pipeline-people' ? { kms_master_key_id: '' } : undefined));
    expect(change.gained.find(({ actor, operation }) => actor === 'SQSAccessNotAllowedRole' && operation === 'people: send')?.decidedBy).toBe(
      'kms:GenerateDataKey: not asked for any more',
    );
  });

  const addingTo = (stack: string, type: string, values: Record<string, unknown>, unknown?: Record<string, true>) =>
    accessChange([...others(stack), planAdding(stack, type, values, unknown)]);

  it('reads who may call a function by its own policy', () => {
    const change = addingTo('dataplane', 'aws_lambda_permission', {
      statement_id: 'Anybody',
      function_name: 'pipeline-consumer',
      action: 'lambda:InvokeFunction',
      principal: '*',
    });
    expect(gains(change)).toEqual(expect.arrayContaining(['anonymous | consumer: invoke', 'OperatorRole | consumer: invoke']));
    expect(change.gained[0]?.decidedBy).toBe('lambda:InvokeFunction: Anybody (policy of function pipeline-consumer)');
  });

  it('reads grants, and takes one whose grantee is not known for undetermined', () => {
    const key = state('keys').values.root_module.resources.find((one) => isKey(one, 'Items'));
    const grant = { name: 'Careless', key_id: key?.values.key_id, operations: ['Decrypt'] };
    const change = addingTo('keys', 'aws_kms_grant', { ...grant, grantee_principal: 'arn:aws:iam::111122223333:role/pipeline-DBAccessNotAllowedRole' });
    expect(gains(change)).toContain('DBAccessNotAllowedRole | Person: scan');
    expect(gains(change).every((one) => one.startsWith('DBAccessNotAllowedRole'))).toBe(true);
    expect(change.gained[0]?.decidedBy).toMatch(/^kms:Decrypt: Careless/);
    const unclear = addingTo('keys', 'aws_kms_grant', grant, { grantee_principal: true });
    expect(unclear.undetermined).toContainEqual(expect.objectContaining({ actor: 'aws_kms_grant.more', outcome: 'undetermined' }));
  });

  it('reads policies of a group, wherever they are written, and takes one that is not written out for one that may allow anything', () => {
    const change = addingTo('identity', 'aws_iam_group_policy_attachment', {
      group: 'pipeline-AllUsers',
      policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    });
    expect(change.undetermined.map(({ actor, operation }) => `${actor} | ${operation}`)).toContain('a user with MFA | Person: describe');
    const role = 'pipeline-SQSAccessNotAllowedRole';
    const attached = changeOf('identity', (resource) =>
      resource.type === 'aws_iam_role' && resource.values.name === role ? { managed_policy_arns: ['arn:aws:iam::aws:policy/AdministratorAccess'] } : undefined,
    );
    expect(attached.undetermined.map(({ actor, operation }) => `${actor} | ${operation}`)).toContain('SQSAccessNotAllowedRole | consumer: change its code');
  });

  it('reads a boundary as what it is: a limit', () => {
    const policies = state('identity').values.root_module.resources.filter(({ type }) => type === 'aws_iam_policy');
    const boundary = policies.find(({ values }) => values.name === 'pipeline-KeyManager')?.values.arn;
    const change = changeOf('identity', (resource) => (resource.values.name === 'pipeline-AdminRole' ? { permissions_boundary: boundary } : undefined));
    expect(change.gained).toEqual([]);
    expect(change.lost).toContainEqual(expect.objectContaining({ actor: 'AdminRole', operation: 'consumer: change its code' }));
  });

  it('never passes a resource in silence that it does not read', () => {
    const change = addingTo('identity', 'aws_iam_user_policy', { user: 'pat', policy: '{}' });
    expect(change.undetermined).toEqual([
      {
        actor: 'aws_iam_user_policy.more',
        operation: 'what it means to access',
        outcome: 'undetermined',
        decidedBy: 'resources of this type are not read',
      },
    ]);
  });

  it('takes what reads changed outputs for not settled', () => {
    const planned = planOf('keys', () => undefined);
    const changed = { ...planned, output_changes: { queue_key_arn: { actions: ['update'] }, table_key_arn: { actions: ['no-op'] } } };
    const change = accessChange([state('identity') as unknown as TerraformDocument, changed, planOf('dataplane', () => undefined)]);
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
    expect(gains(change)).toContain('AdminRole | assume DBAccessRole');
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
    expect(gains(change)).toContain('ConsumerRole in another function | Person: batch write');
  });

  it('names what is lost too, and what no longer allows it', () => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Items')
        ? editing(resource, 'policy', (statements) => void statements.splice(statements.indexOf(statement(statements, 'ReadAndWriteByTableUser')), 1))
        : undefined,
    );
    expect(change.gained).toEqual([]);
    expect(change.lost).toContainEqual({
      actor: 'DBAccessRole',
      operation: 'Person: scan',
      outcome: 'denied',
      decidedBy: 'kms:Decrypt: ReadAndWriteByTableUser (policy of key pipeline-table) no longer allows it',
    });
  });

  it('knows who deployed first also where one policy names it no longer', () => {
    const change = changeOf('keys', (resource) =>
      resource.type === 'aws_kms_key'
        ? editing(resource, 'policy', (statements) => {
            for (const one of statements)
              if (JSON.stringify(one.Principal).includes('bootstrap')) one.Principal = { AWS: 'arn:aws:iam::111122223333:role/pipeline-DeployerRole' };
          })
        : undefined,
    );
    expect(change.gained).toEqual([]);
    expect(new Set(change.lost.map(({ actor }) => actor))).toEqual(new Set(['who deployed first']));
  });

  it('takes a changed table for what it loses: its protection and its past', () => {
    const change = changeOf('dataplane', (resource) => (resource.type === 'aws_dynamodb_table' ? { point_in_time_recovery: [{ enabled: false }] } : undefined));
    expect(change.protections).toEqual([{ what: 'pipeline-Person', change: 'cannot be restored to a point in time any more' }]);
  });

  it('fits a comment on a pull request, however many cells there are', () => {
    const decidedBy = 'kms:Decrypt: Careless (policy of key pipeline-table)';
    const gained = Array.from({ length: 5000 }, (_, index) => ({ actor: `role ${index}`, operation: 'Person: scan', outcome: 'allowed' as const, decidedBy }));
    const text = renderChange({ gained, lost: [], undetermined: [], protections: [], pending: [] }, 'markdown');
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('#### Gained: 5000');
    expect(text).toMatch(/… \d+ more lines/);
  });

  it('reports a policy that only an apply will tell as undetermined, never as a pass', () => {
    const change = changeOf('keys', (resource) => (isKey(resource, 'Items') ? 'unknown policy' : undefined));
    expect(change.gained).toEqual([]);
    expect(change.undetermined.map(({ actor, operation }) => `${actor} | ${operation}`)).toEqual(
      expect.arrayContaining(['AdminRole | Person: scan', 'DBAccessRole | Person: scan']),
    );
  });

  it('names keys that are less protected, data without key, and data that goes', () => {
    const keys = changeOf('keys', (resource) => (isKey(resource, 'Items') ? { enable_key_rotation: false, deletion_window_in_days: 7 } : undefined));
    expect(keys.protections.map(({ change }) => change)).toEqual(['is not rotated', 'can be deleted after 7 days instead of 30']);
    const data = changeOf('dataplane', (resource) =>
      resource.values.name === 'pipeline-people' ? { kms_master_key_id: '' } : resource.type === 'aws_dynamodb_table' ? 'destroy' : undefined,
    );
    expect(data.protections).toEqual([
      { what: 'pipeline-people', change: 'has no customer managed key' },
      { what: expect.stringContaining('aws_dynamodb_table.'), change: 'is destroyed: what it holds is lost' },
    ]);
  });

  it('is told in Markdown for a pull request', () => {
    const change = changeOf('dataplane', (resource) => (resource.type === 'aws_dynamodb_table' ? 'destroy' : undefined));
    expect(renderChange(change, 'markdown')).toMatch(/^### Access\n\n#### Protection lost: 1/);
  });
});
