import { UNKNOWN } from '../../evaluator/unknown';
import { namePrefix } from '../application';
import { isAfterApply, text } from './attributes';
import type { Deployment } from './deployment';
import { readFunctions, readQueues, readTables } from './read-dataplane';
import { readGroups, readMemberships, readRoles } from './read-identity';
import { readKeys } from './read-keys';
import { Resources } from './resources';
import type { TerraformResource } from './terraform-resource';

/** Types of resources that are read for what they mean to access. */
const SUPPORTED_TYPES = [
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
  'aws_iam_user_group_membership',
  'aws_kms_alias',
  'aws_kms_grant',
  'aws_kms_key',
  'aws_kms_key_policy',
  'aws_lambda_event_source_mapping',
  'aws_lambda_function',
  'aws_lambda_permission',
  'aws_sqs_queue',
  'aws_sqs_queue_policy',
];

/** Types of providers that know nothing of AWS. */
const NON_AWS_TYPE = /^(archive|local|null|random|time|tls)_|^terraform_data$/;

/**
 * Types that let nobody do anything.
 */
const TYPES_WITHOUT_ACCESS = [
  'aws_cloudwatch_dashboard',
  'aws_cloudwatch_metric_alarm',
  'aws_iam_virtual_mfa_device',
  'aws_sqs_queue_redrive_allow_policy',
  'aws_sqs_queue_redrive_policy',
];

/**
 * Reads a deployment from the resources of all its stacks.
 *
 * @throws DeploymentError when they name no account or no region
 * @example
 * const states = ['identity.json', 'keys.json', 'dataplane.json'].map((file) => JSON.parse(readFileSync(file, 'utf8')));
 * const deployment = readDeployment(states.flatMap(resourcesOf));
 */
export function readDeployment(all: readonly TerraformResource[]): Deployment {
  const resources = new Resources(all);
  const { account, region, partition } = resources;
  return {
    account,
    region,
    partition,
    prefix: namePrefix(resources.of('aws_iam_role').map((role) => text(role, 'name'))),
    roles: readRoles(resources),
    groups: readGroups(resources),
    users: resources.of('aws_iam_user').map((user) => text(user, 'name')),
    memberships: readMemberships(resources),
    eventSources: resources.of('aws_lambda_event_source_mapping').map((mapping) => ({
      source: text(mapping, 'event_source_arn') || UNKNOWN,
      functionName: text(mapping, 'function_name') || UNKNOWN,
    })),
    keys: readKeys(resources),
    queues: readQueues(resources),
    tables: readTables(resources),
    functions: readFunctions(resources),
    logGroups: resources.of('aws_cloudwatch_log_group').map((group) => {
      const name = text(group, 'name');
      return { name, arn: resources.regional('logs', `log-group:${name}`), keyArn: resources.keyOf(group, 'kms_key_id') };
    }),
    unsupported: resources
      .of()
      .filter((resource) => !isSupported(resource.type) || isUnclearGrant(resource))
      .map(({ address }) => address),
  };
}

const isSupported = (type: string) => NON_AWS_TYPE.test(type) || SUPPORTED_TYPES.includes(type) || TYPES_WITHOUT_ACCESS.includes(type);

/** A grant of which the grantee or operations are not known yet must not look like one that gives nothing. */
const isUnclearGrant = (resource: TerraformResource) =>
  resource.type === 'aws_kms_grant' && ['grantee_principal', 'operations', 'constraints'].some((attribute) => isAfterApply(resource, attribute));
