import { accessModelOf } from '../../../access/graph/access-model-of';
import { UNKNOWN } from '../../../evaluator/unknown';
import { graphOf, graphWith, type PlannedResource, planOf, refersTo } from './plan-builder';

const allow = (action: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Some', Effect: 'Allow', Action: action, Resource: '*', ...more }] });
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const role: PlannedResource = { address: 'aws_iam_role.r', values: { name: 'r', assume_role_policy: TRUST }, unknown: { arn: true } };
const user: PlannedResource = { address: 'aws_iam_user.u', values: { name: 'u' }, unknown: { arn: true } };
const group: PlannedResource = { address: 'aws_iam_group.g', values: { name: 'g' }, unknown: { arn: true } };
const managed: PlannedResource = { address: 'aws_iam_policy.p', values: { name: 'p', policy: allow('sqs:ListQueues') }, unknown: { arn: true } };

const modelOf = (...resources: readonly PlannedResource[]) => accessModelOf(graphWith(...resources));
const policiesOf = (id: string, ...resources: readonly PlannedResource[]) => modelOf(...resources).identities.find((identity) => identity.id === id)?.policies;
const namesOf = (id: string, ...resources: readonly PlannedResource[]) => policiesOf(id, ...resources)?.map(({ name }) => name);

describe('the policies of identities', () => {
  const arn = { policy_arn: refersTo('aws_iam_policy.p.arn') };
  it.each<[string, string, PlannedResource[]]>([
    [
      'an attachment to a role',
      'role r',
      [{ address: 'aws_iam_role_policy_attachment.a', values: { role: 'r' }, unknown: { policy_arn: true }, expressions: arn }],
    ],
    [
      'an attachment to a user',
      'user u',
      [{ address: 'aws_iam_user_policy_attachment.a', values: { user: 'u' }, unknown: { policy_arn: true }, expressions: arn }],
    ],
    [
      'an attachment to several, by reference',
      'role r',
      [{ address: 'aws_iam_policy_attachment.a', unknown: { roles: true, policy_arn: true }, expressions: { ...arn, roles: refersTo('aws_iam_role.r.id') } }],
    ],
    [
      'the only attachments of a role',
      'role r',
      [
        {
          address: 'aws_iam_role_policy_attachments_exclusive.a',
          values: { role_name: 'r' },
          unknown: { policy_arns: [true] },
          expressions: { policy_arns: arn.policy_arn },
        },
      ],
    ],
    [
      'a group, of which the user is a member by the membership of the user',
      'user u',
      [
        { address: 'aws_iam_group_policy_attachment.a', values: { group: 'g' }, unknown: { policy_arn: true }, expressions: arn },
        { address: 'aws_iam_user_group_membership.m', values: { user: 'u', groups: ['g'] } },
      ],
    ],
    [
      'a group, of which the user is a member by the membership of the group',
      'user u',
      [
        { address: 'aws_iam_group_policy_attachment.a', values: { group: 'g' }, unknown: { policy_arn: true }, expressions: arn },
        { address: 'aws_iam_group_membership.m', values: { users: ['u'], group: 'g' } },
      ],
    ],
  ])('are found by %s', (_how, id, more) => {
    expect(namesOf(id, role, user, group, managed, ...more)).toEqual(['p']);
    expect(modelOf(role, user, group, managed, ...more).undetermined).toEqual([]);
  });

  it('are inline ones, in resources and blocks, and those of an AWS managed policy', () => {
    const withBlock = {
      ...role,
      values: { ...role.values, inline_policy: [{ name: 'own', policy: allow('s3:*') }], managed_policy_arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
    };
    const separate = { address: 'aws_iam_role_policy.x', values: { role: 'r', name: 'x', policy: allow('sns:*') } };
    const policies = policiesOf('role r', withBlock, separate);
    expect(policies?.map(({ name }) => name)).toEqual(['arn:aws:iam::aws:policy/ReadOnlyAccess', 'r/x', 'r/own']);
    expect(policies?.[0]?.text).toContain('s3:Get*');
    expect(modelOf(withBlock, separate).undetermined).toEqual([]);
  });

  it.each<[string, PlannedResource[], string]>([
    [
      'a policy of the account',
      [{ address: 'aws_iam_role_policy_attachment.a', values: { role: 'r', policy_arn: 'arn:aws:iam::111122223333:policy/x' } }],
      'arn:aws:iam::111122223333:policy/x',
    ],
    [
      'a policy that no file names',
      [{ address: 'aws_iam_role_policy_attachment.a', values: { role: 'r' }, unknown: { policy_arn: true }, expressions: { policy_arn: refersTo('local.p') } }],
      'local.p',
    ],
    ['an inline policy that is in no file', [{ address: 'aws_iam_role_policies_exclusive.a', values: { role_name: 'r', policy_names: ['gone'] } }], 'gone'],
  ])('may allow anything where one is %s, and say what to give', (_what, more, named) => {
    const { identities, undetermined } = modelOf(role, ...more);
    expect(identities[0]?.policies.map(({ text }) => text)).toEqual([UNKNOWN]);
    expect(undetermined.map(({ reason }) => reason).join()).toContain(named);
  });

  it('may allow anything where a group is in no file', () => {
    const { identities, undetermined } = modelOf(user, { address: 'aws_iam_user_group_membership.m', values: { user: 'u', groups: ['admins'] } });
    expect(identities[0]?.policies.map(({ text }) => text)).toEqual([UNKNOWN]);
    expect(undetermined).toEqual([
      { address: 'aws_iam_user_group_membership.m', reason: 'the group: admins is in no file: give the plan or state that has it' },
    ]);
  });

  it('say so when they are attached to whom no file has', () => {
    const { undetermined } = modelOf(managed, {
      address: 'aws_iam_role_policy_attachment.a',
      values: { role: 'r' },
      unknown: { policy_arn: true },
      expressions: arn,
    });
    expect(undetermined).toEqual([{ address: 'aws_iam_role_policy_attachment.a', reason: 'the role r is in no file: give the plan or state that has it' }]);
  });

  it('may allow anything where the configuration chooses between two', () => {
    const second: PlannedResource = { address: 'aws_iam_policy.s', values: { name: 's', policy: allow('sqs:*') }, unknown: { arn: true } };
    const policyArn = { references: [...arn.policy_arn.references, 'aws_iam_policy.s.arn', 'aws_iam_policy.s'] };
    const either = {
      address: 'aws_iam_role_policy_attachment.a',
      values: { role: 'r' },
      unknown: { policy_arn: true },
      expressions: { policy_arn: policyArn },
    };
    const { identities, undetermined } = modelOf(role, managed, second, either);
    expect(identities[0]?.policies.map(({ text }) => text)).toEqual([UNKNOWN]);
    expect(undetermined[0]?.reason).toContain('one of aws_iam_policy.p and aws_iam_policy.s');
  });

  it('have documents that data sources tell, and are not those of roles that are only looked up', () => {
    const document = allow('s3:*');
    const looked = { address: 'data.aws_iam_policy.d', mode: 'data' as const, values: { arn: 'arn:aws:iam::111122223333:policy/d', policy: document } };
    const attachment = { address: 'aws_iam_role_policy_attachment.a', values: { role: 'r', policy_arn: 'arn:aws:iam::111122223333:policy/d' } };
    expect(policiesOf('role r', role, looked, attachment)?.map(({ text }) => text)).toEqual([document]);
    const other = { address: 'data.aws_iam_role.o', mode: 'data' as const, values: { name: 'o', arn: 'arn:aws:iam::111122223333:role/o' } };
    const toOther = {
      ...attachment,
      values: { policy_arn: 'arn:aws:iam::111122223333:policy/d' },
      unknown: { role: true },
      expressions: { role: refersTo('data.aws_iam_role.o.arn') },
    };
    expect(modelOf(other, looked, toOther).undetermined).toHaveLength(1);
  });

  it('are limited by the boundary, which may be in no file', () => {
    const own = { ...role, unknown: { permissions_boundary: true }, expressions: { permissions_boundary: refersTo('aws_iam_policy.p.arn') } };
    expect(modelOf(own, managed).identities[0]?.boundary.map(({ name }) => name)).toEqual(['p']);
    const other = { ...role, values: { ...role.values, permissions_boundary: 'arn:aws:iam::111122223333:policy/b' } };
    expect(modelOf(other).identities[0]?.boundary.map(({ text }) => text)).toEqual([UNKNOWN]);
  });
});

describe('the keys of resources', () => {
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd';
  const key: PlannedResource = { address: 'aws_kms_key.k', values: { key_id: '1234abcd', arn: KEY, policy: allow('kms:*', { Principal: '*' }) } };
  const alias: PlannedResource = { address: 'aws_kms_alias.a', values: { name: 'alias/k', target_key_id: '1234abcd' } };
  const queue = (name: unknown): PlannedResource => ({ address: 'aws_sqs_queue.q', values: { name: 'q', kms_master_key_id: name } });
  const keyOf = (...resources: readonly PlannedResource[]) => modelOf(...resources).resources.find(({ id }) => id === 'queue q')?.keyArn;

  it.each(['1234abcd', KEY, 'alias/k', 'arn:aws:kms:eu-west-1:111122223333:alias/k'])('are found by %s', (name) => {
    expect(keyOf(key, alias, queue(name))).toBe(KEY);
    expect(modelOf(key, alias, queue(name)).undetermined).toEqual([]);
  });

  it('are found by reference, of the key or its alias, before any of them is made', () => {
    const made: PlannedResource = { address: 'aws_kms_key.k', unknown: { key_id: true, arn: true }, expressions: {} };
    const unmade: PlannedResource = {
      address: 'aws_kms_alias.a',
      unknown: { name: true, target_key_id: true },
      expressions: { target_key_id: refersTo('aws_kms_key.k.key_id') },
    };
    for (const reference of ['aws_kms_key.k.id', 'aws_kms_alias.a.name']) {
      const referring = { ...queue(undefined), unknown: { kms_master_key_id: true }, expressions: { kms_master_key_id: refersTo(reference) } };
      expect(keyOf(made, unmade, referring)).toBe('arn:aws:kms:eu-west-1:111122223333:key/unknown-aws_kms_key.k');
    }
  });

  it.each(['alias/other', '99999999'])('are unknown by %s, which is in no file', (name) => {
    expect(keyOf(key, alias, queue(name))).toBe(UNKNOWN);
    expect(modelOf(key, queue(name)).undetermined).toEqual([
      { address: 'aws_sqs_queue.q', reason: `its key, by kms_master_key_id: ${name} is in no file: give the plan or state that has the key` },
    ]);
  });

  it('are AWS’s own under the alias of the service, with the policy that AWS documents', () => {
    const { resources } = modelOf(queue('alias/aws/sqs'));
    expect(keyOf(queue('alias/aws/sqs'))).toBe('arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs');
    expect(resources.find(({ id }) => id === 'key alias/aws/sqs')?.policy?.text).toContain('sqs.eu-west-1.amazonaws.com');
  });

  it('of a bucket stand in a resource of its own', () => {
    const bucket: PlannedResource = { address: 'aws_s3_bucket.b', values: { bucket: 'b' }, unknown: { id: true } };
    const rule = { apply_server_side_encryption_by_default: [{ sse_algorithm: 'aws:kms', kms_master_key_id: 'alias/k' }] };
    const encryption: PlannedResource = {
      address: 'aws_s3_bucket_server_side_encryption_configuration.b',
      values: { rule: [rule] },
      unknown: { bucket: true },
      expressions: { bucket: refersTo('aws_s3_bucket.b.id') },
    };
    expect(modelOf(key, alias, bucket, encryption).resources.find(({ id }) => id === 'bucket b')?.keyArn).toBe(KEY);
  });

  it('have the grants that resources of their own give, and name those that are not clear', () => {
    const clear: PlannedResource = {
      address: 'aws_kms_grant.g',
      values: { name: 'g', key_id: '1234abcd', grantee_principal: 'arn:aws:iam::111122223333:role/r', operations: ['Decrypt'] },
    };
    const unclear: PlannedResource = {
      address: 'aws_kms_grant.h',
      values: { key_id: '1234abcd', operations: ['Decrypt'] },
      unknown: { grantee_principal: true },
    };
    const { resources, undetermined } = modelOf(key, clear, unclear);
    expect(resources[0]?.grants).toEqual([
      { id: 'g', keyArn: KEY, grantee: 'arn:aws:iam::111122223333:role/r', operations: ['Decrypt'], constraints: undefined },
    ]);
    expect(undetermined).toEqual([{ address: 'aws_kms_grant.h', reason: 'what it gives to whom is known only after apply' }]);
  });
});

describe('the policies of resources', () => {
  const bucket: PlannedResource = { address: 'aws_s3_bucket.b', values: { bucket: 'b' }, unknown: { id: true, arn: true } };
  const open = allow('s3:GetObject', { Principal: '*' });
  const bucketPolicy = (name: string): PlannedResource => ({ address: `aws_s3_bucket_policy.${name}`, values: { bucket: 'b', policy: open } });
  const policyOf = (...resources: readonly PlannedResource[]) => modelOf(...resources).resources.find(({ id }) => id === 'bucket b')?.policy;

  it('are one for each; of several the last counts, and nobody knows which that is', () => {
    expect(policyOf(bucket, bucketPolicy('one'))?.text).toBe(open);
    expect(policyOf(bucket, bucketPolicy('one'), bucketPolicy('two'))?.text).toBe(UNKNOWN);
    expect(modelOf(bucket, bucketPolicy('one'), bucketPolicy('two')).undetermined[0]?.reason).toContain('aws_s3_bucket_policy.one, aws_s3_bucket_policy.two');
  });

  it('of what is in no file are known by its ARN', () => {
    const { resources, undetermined } = modelOf({
      address: 'aws_sns_topic_policy.p',
      values: { arn: 'arn:aws:sns:eu-west-1:111122223333:other', policy: allow('sns:Publish', { Principal: '*' }) },
    });
    expect(resources.map(({ arn, policy }) => [arn, policy?.address])).toEqual([['arn:aws:sns:eu-west-1:111122223333:other', 'aws_sns_topic_policy.p']]);
    expect(undetermined).toHaveLength(1);
  });

  it('of functions are made of permissions, whose source may be known only after apply', () => {
    const lambda: PlannedResource = { address: 'aws_lambda_function.f', values: { function_name: 'f' }, unknown: { arn: true } };
    const topic: PlannedResource = { address: 'aws_sns_topic.t', values: { name: 't' }, unknown: { arn: true } };
    const permission: PlannedResource = {
      address: 'aws_lambda_permission.p',
      values: { action: 'lambda:InvokeFunction', principal: 'sns.amazonaws.com', function_name: 'f', statement_id: 'Topic' },
      unknown: { source_arn: true },
      expressions: { source_arn: refersTo('aws_sns_topic.t.arn') },
    };
    const text = modelOf(lambda, topic, permission).resources.find(({ id }) => id === 'function f')?.policy?.text;
    expect(JSON.parse(text ?? '')).toMatchObject({
      Statement: [{ Sid: 'Topic', Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:111122223333:t' } } }],
    });
  });

  it('deny others while they are public and the bucket restricts that', () => {
    const block: PlannedResource = { address: 'aws_s3_bucket_public_access_block.b', values: { bucket: 'b', restrict_public_buckets: true } };
    expect(policyOf(bucket, bucketPolicy('one'), block)?.text).toContain('RestrictPublicBuckets');
    expect(policyOf(bucket, bucketPolicy('one'), { ...block, values: { bucket: 'b', restrict_public_buckets: false } })?.text).toBe(open);
  });
});

describe('what is not read', () => {
  it.each([
    ['aws_elasticsearch_domain.x', 'resources of the type aws_elasticsearch_domain are not supported'],
    ['awscc_kms_key.x', 'resources of the type awscc_kms_key are not supported'],
    ['google_kms_crypto_key.x', 'resources of the provider of google_kms_crypto_key are not supported'],
  ])('is named: %s', (address, reason) => {
    expect(modelOf({ address }).undetermined).toEqual([{ address, reason }]);
  });

  it.each(['aws_vpc.x', 'random_id.x', 'aws_cloudwatch_dashboard.x'])('is not named where it cannot bear on access: %s', (address) => {
    expect(modelOf({ address }).undetermined).toEqual([]);
  });

  it('is named where a list lets others in, and where a name is known only after apply', () => {
    const { undetermined } = modelOf({ address: 'aws_s3_bucket.b', values: { acl: 'public-read', bucket_prefix: 'b-' }, unknown: { bucket: true } });
    expect(undetermined.map(({ reason }) => reason.split(',')[0])).toEqual([
      'its acl may let others in: access control lists are not supported',
      'its name is known only after apply',
    ]);
  });
});

describe('where a deployment is', () => {
  const queue: PlannedResource = { address: 'aws_sqs_queue.q', values: { name: 'q' } };
  it.each<[string, unknown, string, string]>([
    ['an ARN of a resource', planOf([{ address: 'aws_sqs_queue.q', values: { arn: 'arn:aws:sqs:us-east-2:444455556666:q' } }]), '444455556666', 'us-east-2'],
    [
      'data aws_caller_identity and the provider',
      planOf([queue, { address: 'data.aws_caller_identity.me', mode: 'data', values: { account_id: '444455556666' } }], {
        configuration: {
          provider_config: { aws: { name: 'aws', expressions: { region: { references: ['var.region'] } } } },
          root_module: {
            resources: [{ address: 'aws_sqs_queue.q', provider_config_key: 'aws', expressions: {} }],
            variables: { region: { default: 'us-east-2' } },
          },
        },
      }),
      '444455556666',
      'us-east-2',
    ],
    [
      'options, where only the target of an event is elsewhere',
      planOf([queue, { address: 'aws_cloudwatch_event_target.t', values: { arn: 'arn:aws:sqs:us-east-2:444455556666:q' } }]),
      '111122223333',
      'eu-west-1',
    ],
    ['options, where the JSON tells nothing', planOf([queue]), '111122223333', 'eu-west-1'],
  ])('is told by %s', (_what, plan, account, region) => {
    expect(graphOf([plan]).location).toMatchObject({ account, region, assumed: [] });
  });

  it('is a placeholder otherwise, which is named', () => {
    const { location } = graphOf([planOf([queue])], {});
    expect(location).toMatchObject({ account: '000000000000', region: 'unknown-region' });
    expect(location.assumed).toHaveLength(2);
  });
});
