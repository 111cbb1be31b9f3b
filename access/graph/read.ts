import type { Deployment } from './deployment';
import { readFunctions, readQueues, readTables } from './read-dataplane';
import { readGroups, readRoles } from './read-identity';
import { readKeys } from './read-keys';
import { Resources, text } from './resources';
import type { TerraformResource } from './terraform-json';

/** Types of resources that are read for what they mean to access. */
const READ = [
  'aws_cloudwatch_log_group',
  'aws_dynamodb_resource_policy',
  'aws_dynamodb_table',
  'aws_iam_group',
  'aws_iam_group_policy',
  'aws_iam_group_policy_attachment',
  'aws_iam_policy',
  'aws_iam_role',
  'aws_iam_role_policy',
  'aws_iam_role_policy_attachment',
  'aws_iam_user',
  'aws_kms_alias',
  'aws_kms_grant',
  'aws_kms_key',
  'aws_kms_key_policy',
  'aws_lambda_function',
  'aws_lambda_permission',
  'aws_sqs_queue',
  'aws_sqs_queue_policy',
];

/** Providers that know nothing of AWS. */
const ELSEWHERE = /^(archive|local|null|random|time|tls)_|^terraform_data$/;

/** Types that let nobody do anything. The matrix asks about members of groups whether they are deployed or not. */
const HARMLESS = [
  'aws_cloudwatch_dashboard',
  'aws_cloudwatch_metric_alarm',
  'aws_iam_user_group_membership',
  'aws_iam_virtual_mfa_device',
  'aws_lambda_event_source_mapping',
  'aws_sqs_queue_redrive_allow_policy',
  'aws_sqs_queue_redrive_policy',
];

/**
 * Reads a deployment from the resources of all its stacks.
 *
 * @throws DeploymentError when they tell no account or no region
 */
export function readDeployment(all: readonly TerraformResource[]): Deployment {
  const resources = new Resources(all);
  const { account, region, partition } = resources;
  return {
    account,
    region,
    partition,
    prefix: prefixOf(resources.of('aws_iam_role').map((one) => text(one, 'name'))),
    roles: readRoles(resources),
    groups: readGroups(resources),
    users: resources.of('aws_iam_user').map((one) => text(one, 'name')),
    keys: readKeys(resources),
    queues: readQueues(resources),
    tables: readTables(resources),
    functions: readFunctions(resources),
    logGroups: resources.of('aws_cloudwatch_log_group').map((one) => {
      const name = text(one, 'name');
      return { name, arn: resources.regional('logs', `log-group:${name}`), keyArn: resources.keyOf(one, 'kms_key_id') };
    }),
    unsupported: resources
      .of()
      .filter((one) => !(ELSEWHERE.test(one.type) || READ.includes(one.type) || HARMLESS.includes(one.type)) || isUnclearGrant(one))
      .map(({ address }) => address),
  };
}

/** To whom a grant gives what must be known, or it would look like one that gives nothing. */
const isUnclearGrant = ({ type, unknown }: TerraformResource) =>
  type === 'aws_kms_grant' && ['grantee_principal', 'operations', 'constraints'].some((attribute) => unknown.has(attribute));

function prefixOf(names: readonly string[]): string {
  const [first = ''] = names;
  const end = first.lastIndexOf('-') + 1;
  return names.every((name) => name.startsWith(first.slice(0, end))) ? first.slice(0, end) : '';
}
