import type { ContextInput } from '../../evaluator/request';
import type { Deployment, PolicySource } from '../graph/deployment';
import table from './management.json';
import { type OperationModel, shortName } from './operation';

/** Something that can be managed, under the name that the expected matrix gives it. */
interface Managed {
  readonly kind: keyof typeof table;
  readonly name: string;
  readonly resource: string;
  readonly policy?: PolicySource;
  readonly context?: ContextInput;
}

/** The user that the matrix asks about, see principals.ts. */
const USER = 'somebody';

/**
 * Single actions by which resources are managed, of management.json: on everything deployed, and on neighbours of the same
 * kind that are none of this deployment's business.
 */
export function managementOf(deployment: Deployment): OperationModel[] {
  return managed(deployment).flatMap(({ kind, name, resource, policy, context }) =>
    table[kind].map((action) => ({ name: `${name}: ${action}`, steps: [{ action, resource, policy: takesPolicy(action) ? policy : undefined, context }] })),
  );
}

/** A role elsewhere in the account that trusts the account, as many do. */
const TRUSTING = (account: string, partition: string): PolicySource => ({
  address: 'another role',
  attribute: 'assume_role_policy',
  name: 'trust of another role',
  kind: 'trust',
  text: JSON.stringify({
    Version: '2012-10-17',
    Statement: { Sid: 'Account', Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: 'sts:AssumeRole' },
  }),
});

/** Trust policies speak of sts only; all other actions on a role have no resource policy. */
const takesPolicy = (action: string) => !action.startsWith('iam:');

function managed(deployment: Deployment): Managed[] {
  const { account, partition, region, prefix } = deployment;
  const short = (name: string) => shortName(deployment, name);
  const iam = (resource: string) => `arn:${partition}:iam::${account}:${resource}`;
  const regional = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const mapping = regional('lambda', 'event-source-mapping:11112222-3333-4444-5555-666677778888');
  const policies = [...new Set(deployment.roles.flatMap((role) => role.policies.map((policy) => policy.name)).filter((name) => !name.includes('/')))];
  return [
    ...deployment.queues.map((one): Managed => ({ kind: 'queue', name: short(one.name), resource: one.arn, policy: one.policy })),
    ...deployment.tables.map((one): Managed => ({ kind: 'table', name: short(one.name), resource: one.arn, policy: one.policy })),
    ...deployment.functions.flatMap((one): Managed[] => [
      { kind: 'function', name: short(one.name), resource: one.arn, policy: one.policy },
      { kind: 'mapping', name: `mapping of ${short(one.name)}`, resource: mapping, context: { 'lambda:FunctionArn': one.arn } },
    ]),
    ...deployment.keys.flatMap((one): Managed[] => [
      { kind: 'key', name: `key ${short(one.name)}`, resource: one.arn, policy: one.policy },
      { kind: 'alias', name: `alias ${short(one.name)}`, resource: regional('kms', `alias/${one.name}`) },
    ]),
    ...deployment.logGroups.flatMap((one): Managed[] => [
      { kind: 'log group', name: `logs of ${short(one.name.split('/').at(-1) ?? '')}`, resource: one.arn },
      { kind: 'log stream', name: `log stream of ${short(one.name.split('/').at(-1) ?? '')}`, resource: `${one.arn}:log-stream:stream` },
    ]),
    ...deployment.roles.map((one): Managed => ({ kind: 'role', name: short(one.name), resource: one.arn, policy: one.trust })),
    ...policies.map((name): Managed => ({ kind: 'policy', name: `policy ${short(name)}`, resource: iam(`policy/${name}`) })),
    ...deployment.groups.map((one): Managed => ({ kind: 'group', name: `group ${short(one.name)}`, resource: iam(`group/${one.name}`) })),
    ...deployment.users.map((name): Managed => ({ kind: 'deployed user', name: 'the deployed user', resource: iam(`user/${name}`) })),
    { kind: 'alarm', name: 'alarms', resource: regional('cloudwatch', `alarm:${prefix}alarm`) },
    { kind: 'own user', name: 'own user', resource: iam(`user/${USER}`) },
    { kind: 'own MFA device', name: 'own MFA device', resource: iam(`mfa/${USER}`) },
    // What has no resource of its own is this account's.
    { kind: 'account', name: 'account', resource: '*', context: { 'aws:ResourceAccount': account } },
    { kind: 'another queue', name: 'another queue', resource: regional('sqs', 'another') },
    { kind: 'another table', name: 'another table', resource: regional('dynamodb', 'table/another') },
    { kind: 'another function', name: 'another function', resource: regional('lambda', 'function:another') },
    {
      kind: 'mapping of another function',
      name: 'mapping of another function',
      resource: mapping,
      context: { 'lambda:FunctionArn': regional('lambda', 'function:another') },
    },
    { kind: 'another alias', name: 'another alias', resource: regional('kms', 'alias/another') },
    { kind: 'another log group', name: 'another log group', resource: regional('logs', 'log-group:another') },
    { kind: 'another log stream', name: 'another log stream', resource: regional('logs', 'log-group:another:log-stream:stream') },
    { kind: 'another alarm', name: 'another alarm', resource: regional('cloudwatch', 'alarm:another') },
    // Passing it to Lambda is what the condition of PassRole would let through.
    {
      kind: 'another role',
      name: 'another role',
      resource: iam('role/another'),
      policy: TRUSTING(account, partition),
      context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
    },
    { kind: 'another policy', name: 'another policy', resource: iam('policy/another') },
    { kind: 'another group', name: 'another group', resource: iam('group/another') },
    { kind: 'another user', name: 'another user', resource: iam('user/another') },
    { kind: 'another MFA device', name: 'another MFA device', resource: iam('mfa/another') },
  ];
}
