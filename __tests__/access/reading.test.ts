import { accessChange } from '../../access/plan/access-change';
import { changeOf, editing, gains, isKey, others, planAdding, state } from './plans';

describe('what is read of Terraform’s JSON', () => {
  const addingTo = (stack: string, type: string, values: Record<string, unknown>, unknown?: Record<string, true>) =>
    accessChange([...others(stack), planAdding(stack, [type, values, unknown])]);

  it('reads who may call a function by its own policy', () => {
    const change = addingTo('dataplane', 'aws_lambda_permission', {
      statement_id: 'Anybody',
      function_name: 'pipeline-consumer',
      action: 'lambda:InvokeFunction',
      principal: '*',
    });
    expect(gains(change)).toEqual(expect.arrayContaining(['anonymous | function/consumer/invoke', 'role/OperatorRole | function/consumer/invoke']));
    expect(change.gained[0]?.decidedBy).toBe('lambda:InvokeFunction: Anybody (policy of function pipeline-consumer)');
  });

  it('reads grants, and takes one whose grantee is not known for undetermined', () => {
    const key = state('keys').values.root_module.resources.find((resource) => isKey(resource, 'Items'));
    const grant = { name: 'Careless', key_id: key?.values.key_id, operations: ['Decrypt'] };
    const change = addingTo('keys', 'aws_kms_grant', { ...grant, grantee_principal: 'arn:aws:iam::111122223333:role/pipeline-DBAccessNotAllowedRole' });
    expect(gains(change)).toContain('role/DBAccessNotAllowedRole | table/Person/scan');
    expect(gains(change).every((gain) => gain.startsWith('role/DBAccessNotAllowedRole '))).toBe(true);
    expect(change.gained[0]?.decidedBy).toMatch(/^kms:Decrypt: Careless/);
    const unclear = addingTo('keys', 'aws_kms_grant', grant, { grantee_principal: true });
    expect(unclear.undetermined).toContainEqual(expect.objectContaining({ actor: 'resource/aws_kms_grant.more', outcome: 'undetermined' }));
  });

  it('reads policies of a group, wherever they are written, and takes one that is not written out for one that may allow anything', () => {
    const change = addingTo('identity', 'aws_iam_group_policy_attachment', {
      group: 'pipeline-AllUsers',
      policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    });
    expect(change.undetermined.map(({ actor, operation }) => `${actor} | ${operation}`)).toContain('user/mfa | table/Person/describe');
    const role = 'pipeline-SQSAccessNotAllowedRole';
    const attached = changeOf('identity', (resource) =>
      resource.type === 'aws_iam_role' && resource.values.name === role ? { managed_policy_arns: ['arn:aws:iam::aws:policy/AdministratorAccess'] } : undefined,
    );
    expect(attached.undetermined.map(({ actor, operation }) => `${actor} | ${operation}`)).toContain(
      'role/SQSAccessNotAllowedRole | function/consumer/change-code',
    );
  });

  it('reads a boundary as what it is: a limit', () => {
    const policies = state('identity').values.root_module.resources.filter(({ type }) => type === 'aws_iam_policy');
    const boundary = policies.find(({ values }) => values.name === 'pipeline-KeyManager')?.values.arn;
    const change = changeOf('identity', (resource) => (resource.values.name === 'pipeline-AdminRole' ? { permissions_boundary: boundary } : undefined));
    expect(change.gained).toEqual([]);
    expect(change.lost).toContainEqual(expect.objectContaining({ actor: 'role/AdminRole', operation: 'function/consumer/change-code' }));
  });

  it('asks what members of a new group can do', () => {
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Careless', Effect: 'Allow', Action: 'lambda:*', Resource: '*' }] });
    const plan = planAdding(
      'identity',
      ['aws_iam_group', { name: 'pipeline-Interns' }],
      ['aws_iam_group_policy', { name: 'own', group: 'pipeline-Interns', policy }],
    );
    const change = accessChange([...others('identity'), plan]);
    expect(gains(change)).toContain('user/mfa/Interns | function/consumer/change-code');
    expect(gains(change)).not.toContain('user/mfa/AllUsers-only | function/consumer/change-code');
  });

  it('keeps the roles of two functions apart', () => {
    const trust = state('identity').values.root_module.resources.find(({ values }) => values.name === 'pipeline-ConsumerRole')?.values.assume_role_policy;
    const arn = 'arn:aws:iam::111122223333:role/pipeline-OtherRole';
    const change = accessChange([
      planAdding('identity', ['aws_iam_role', { name: 'pipeline-OtherRole', arn, assume_role_policy: trust }]),
      state('keys'),
      planAdding('dataplane', ['aws_lambda_function', { function_name: 'pipeline-other', role: arn }]),
    ]);
    expect(gains(change)).toContain('service/lambda.amazonaws.com | role/OtherRole/assume');
    expect(change.lost).toEqual([]);
  });

  it('never passes a policy in silence of which it does not know whose it is', () => {
    const change = addingTo('identity', 'aws_iam_role_policy_attachment', { role: 'elsewhere', policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' });
    expect(change.undetermined.map(({ actor }) => actor)).toEqual(['resource/aws_iam_role_policy_attachment.more']);
  });

  it('never passes a resource of an unsupported type in silence', () => {
    const change = addingTo('identity', 'aws_organizations_policy', { name: 'limits' });
    expect(change.undetermined).toEqual([
      {
        actor: 'resource/aws_organizations_policy.more',
        operation: 'unsupported-type',
        outcome: 'undetermined',
        decidedBy: 'resources of this type are not supported',
      },
    ]);
    expect(addingTo('keys', 'awscc_kms_key', {}).undetermined).toHaveLength(1);
    expect(addingTo('keys', 'random_id', {}).undetermined).toEqual([]);
  });
});

describe('principals that a policy names in addition to the deployed roles', () => {
  it.each([
    ['another account', { AWS: '444455556666' }, 'account/444455556666/administrator'],
    ['a role of another account', { AWS: 'arn:aws:iam::444455556666:role/Reader' }, 'principal/arn:aws:iam::444455556666:role/Reader'],
    ['a user that is not deployed', { AWS: 'arn:aws:iam::111122223333:user/bob' }, 'principal/arn:aws:iam::111122223333:user/bob'],
    ['a service', { Service: 'events.amazonaws.com' }, 'service/events.amazonaws.com'],
  ])('names %s that a key policy lets in', (_what, Principal, id) => {
    const change = changeOf('keys', (resource) =>
      isKey(resource, 'Messages')
        ? editing(resource, 'policy', (statements) => statements.push({ Sid: 'Guest', Effect: 'Allow', Principal, Action: 'kms:Decrypt', Resource: '*' }))
        : undefined,
    );
    expect(gains(change)).toContain(`${id} | key/queue/Decrypt-directly`);
    expect(change.gained.every(({ actor, decidedBy }) => actor === id && decidedBy.startsWith('kms:Decrypt: Guest'))).toBe(true);
  });

  it('knows the first deployer also where one policy names it no longer', () => {
    const change = changeOf('keys', (resource) =>
      resource.type === 'aws_kms_key'
        ? editing(resource, 'policy', (statements) => {
            for (const changed of statements)
              if (JSON.stringify(changed.Principal).includes('bootstrap')) changed.Principal = { AWS: 'arn:aws:iam::111122223333:role/pipeline-DeployerRole' };
          })
        : undefined,
    );
    expect(change.gained).toEqual([]);
    expect(new Set(change.lost.map(({ actor }) => actor))).toEqual(new Set(['first-deployer']));
  });
});
