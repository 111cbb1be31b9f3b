import { UNKNOWN } from '../../evaluator/unknown';
import { namePrefix } from '../application';
import type { AccessModel } from '../model/access-model';
import { accessModelOf } from './access-model-of';
import { AccessReader } from './access-reader';
import { text } from './attributes';
import { type Deployment, policiesOf } from './deployment';
import { DeploymentError } from './deployment-error';
import { grantOf } from './grants';
import { ResourceGraph } from './graph';
import { kindOf, reasonWithoutAccess } from './kinds/kinds';
import { readFunctions, readLogGroups, readQueues, readTables } from './read-dataplane';
import { readGroups, readMemberships, readRoles } from './read-identity';
import { readKeys } from './read-keys';
import type { TerraformResource } from './terraform-resource';

/** Types of resources that a deployment of this application has; what others mean to access, the matrix does not ask. */
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

/** What the resources of any project mean to access. */
export const readModel = (all: readonly TerraformResource[]): AccessModel => accessModelOf(new ResourceGraph(all));

/**
 * Reads a deployment from the resources of all its stacks. AWS managed policies may allow anything here: AWS changes them.
 *
 * @throws DeploymentError when they name no account or no region
 * @example
 * const files = ['identity.json', 'keys.json', 'dataplane.json'];
 * const states = files.map((file) => parseTerraformDocument(JSON.parse(readFileSync(file, 'utf8')), file));
 * const deployment = readDeployment(states.flatMap(resourcesOf));
 */
export function readDeployment(all: readonly TerraformResource[]): Deployment {
  const graph = new ResourceGraph(all);
  const { account, region, partition, assumed } = graph.location;
  if (assumed.length > 0) {
    throw new DeploymentError('The JSON names no account (data aws_caller_identity) or no region; give that of all three stacks');
  }
  const reader = new AccessReader(graph, () => undefined);
  const deployment = {
    account,
    region,
    partition,
    prefix: namePrefix(graph.of('aws_iam_role').map((role) => text(role, 'name'))),
    roles: readRoles(reader),
    groups: readGroups(reader),
    users: graph.of('aws_iam_user').map((user) => text(user, 'name')),
    memberships: readMemberships(reader),
    eventSources: graph.of('aws_lambda_event_source_mapping').map((mapping) => ({
      source: text(mapping, 'event_source_arn') || UNKNOWN,
      functionName: text(mapping, 'function_name') || UNKNOWN,
    })),
    keys: readKeys(reader),
    queues: readQueues(reader),
    tables: readTables(reader),
    functions: readFunctions(reader),
    logGroups: readLogGroups(reader),
  };
  const known = new Set(policiesOf({ ...deployment, unsupported: [] }).map(({ address }) => address));
  const unplaced = new Set(reader.undetermined.map(({ address }) => address).filter((address) => !known.has(address)));
  return {
    ...deployment,
    unsupported: graph
      .of()
      .filter((resource) => !isSupported(resource.type) || isUnclearGrant(reader, resource) || (givesPolicy(resource) && unplaced.has(resource.address)))
      .map(({ address }) => address),
  };
}

/** Whether a resource does nothing but give another one a policy: which that is may be unknown, or in no file. */
const givesPolicy = ({ type }: TerraformResource) => ['attachment', 'inline policy', 'resource policy', 'permission'].includes(kindOf(type)?.does ?? '');

const isSupported = (type: string) => SUPPORTED_TYPES.includes(type) || reasonWithoutAccess(type) !== undefined;

/** A grant that is not clear yet, or of a key that is in no file, must not look like one that gives nothing. */
const isUnclearGrant = ({ graph, keys }: AccessReader, resource: TerraformResource) =>
  resource.type === 'aws_kms_grant' && (keys.keyOf(resource, 'key_id') === undefined || grantOf(graph, resource, '') === undefined);
