import { type Arns, HUMAN_ROLES, KEYS } from '../names';
import { policy } from './document';

const actions = (service: string, ...names: readonly string[]) => names.map((name) => `${service}:${name}`);

/**
 * DeployerRole: what Terraform needs to deploy and refresh the stacks `keys` and `dataplane`, and to read `identity`, which
 * an administrator deploys. It maintains queue and table but sends, receives, reads and writes nothing; what it may do to
 * the keys stands in the key policies.
 */
export function deployerPolicy(arns: Arns, user: string) {
  const { names } = arns;
  const roles = [...HUMAN_ROLES.map((role) => arns.role(role)), arns.executionRole];
  const policies = DEPLOYED_POLICIES.map((name) => arns.iam(`policy/${names.of(name)}`));
  const groups = Object.values(names.groups).map((group) => arns.iam(`group/${group}`));
  return policy(
    {
      Sid: 'ReadIdentityForDeployers',
      Effect: 'Allow',
      Action: actions(
        'iam',
        'GetRole',
        'GetRolePolicy',
        'ListAttachedRolePolicies',
        'ListRolePolicies',
        'GetPolicy',
        'GetPolicyVersion',
        'GetGroup',
        'GetGroupPolicy',
      ),
      Resource: [...roles, ...policies, ...groups],
    },
    ...(user
      ? [{ Sid: 'ReadUserForDeployers', Effect: 'Allow' as const, Action: actions('iam', 'GetUser', 'ListGroupsForUser'), Resource: arns.iam(`user/${user}`) }]
      : []),
    {
      Sid: 'PassConsumerRoleToLambda',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: arns.executionRole,
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    },
    // KMS has no resource to name for these actions.
    { Sid: 'MakeKeysForDeployers', Effect: 'Allow', Action: actions('kms', 'CreateKey', 'ListAliases'), Resource: '*' },
    {
      Sid: 'NameKeysForDeployers',
      Effect: 'Allow',
      Action: actions('kms', 'CreateAlias', 'DeleteAlias', 'UpdateAlias'),
      Resource: KEYS.map((key) => arns.regional('kms', names.keyAlias(key))),
    },
    {
      Sid: 'MaintainQueuesForDeployers',
      Effect: 'Allow',
      Action: actions(
        'sqs',
        'CreateQueue',
        'DeleteQueue',
        'GetQueueAttributes',
        'GetQueueUrl',
        'ListQueueTags',
        'SetQueueAttributes',
        'TagQueue',
        'UntagQueue',
      ),
      Resource: [arns.queue, arns.deadLetterQueue],
    },
    {
      Sid: 'MaintainTableForDeployers',
      Effect: 'Allow',
      Action: actions(
        'dynamodb',
        'CreateTable',
        'DeleteTable',
        'DeleteResourcePolicy',
        'DescribeContinuousBackups',
        'DescribeTable',
        'DescribeTimeToLive',
        'GetResourcePolicy',
        'ListTagsOfResource',
        'PutResourcePolicy',
        'TagResource',
        'UntagResource',
        'UpdateContinuousBackups',
        'UpdateTable',
      ),
      Resource: arns.table,
    },
    {
      Sid: 'MaintainFunctionForDeployers',
      Effect: 'Allow',
      Action: actions(
        'lambda',
        'CreateFunction',
        'DeleteFunction',
        'DeleteFunctionConcurrency',
        'GetFunction',
        'GetFunctionCodeSigningConfig',
        'ListVersionsByFunction',
        'PutFunctionConcurrency',
        'UpdateFunctionCode',
        'UpdateFunctionConfiguration',
      ),
      Resource: arns.function,
    },
    {
      Sid: 'MaintainMappingForDeployers',
      Effect: 'Allow',
      Action: actions('lambda', 'CreateEventSourceMapping', 'DeleteEventSourceMapping', 'UpdateEventSourceMapping'),
      Resource: '*',
      Condition: { ArnEquals: { 'lambda:FunctionArn': arns.function } },
    },
    // The mapping's identifier is only known after its creation. Tags of the function come with it.
    {
      Sid: 'ReadMappingForDeployers',
      Effect: 'Allow',
      Action: actions('lambda', 'GetEventSourceMapping', 'ListTags', 'TagResource', 'UntagResource'),
      Resource: [arns.function, arns.regional('lambda', 'event-source-mapping:*')],
    },
    {
      // The actions on tags take the plain ARN, all others the one with `:*`.
      // Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
      Sid: 'MaintainLogGroupForDeployers',
      Effect: 'Allow',
      Action: actions(
        'logs',
        'AssociateKmsKey',
        'CreateLogGroup',
        'DeleteLogGroup',
        'DeleteRetentionPolicy',
        'DisassociateKmsKey',
        'ListTagsForResource',
        'PutRetentionPolicy',
        'TagResource',
        'UntagResource',
      ),
      Resource: [arns.logGroup, `${arns.logGroup}:*`],
    },
    // CloudWatch Logs checks this action against all log groups.
    { Sid: 'FindLogGroupForDeployers', Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
    {
      Sid: 'MaintainAlarmsForDeployers',
      Effect: 'Allow',
      Action: actions('cloudwatch', 'DeleteAlarms', 'DescribeAlarms', 'ListTagsForResource', 'PutMetricAlarm', 'TagResource', 'UntagResource'),
      Resource: arns.regional('cloudwatch', `alarm:${names.prefix}-*`),
    },
  );
}

/** Names, without prefix, of the customer-managed policies that the stack `identity` deploys. */
export const DEPLOYED_POLICIES = ['Admin', 'Deployer', 'KeyManager', 'TableUser', 'Producer', 'Operator'] as const;
