import { ServiceError } from '../account/errors';
import { archiveFile } from './data/archive-file';
import { callerIdentity, partition, region, sessionContext } from './data/aws';
import type { DataSource, ResourceType } from './resource-type';
import { dynamodbResourcePolicy, dynamodbTable } from './resources/dynamodb';
import { iamPolicy, iamRolePolicy, iamRolePolicyAttachment } from './resources/iam-policies';
import { iamRole } from './resources/iam-role';
import { iamGroup, iamGroupPolicy, iamUser, iamUserGroupMembership } from './resources/iam-users-groups';
import { kmsAlias, kmsKey } from './resources/kms';
import { lambdaEventSourceMapping } from './resources/lambda-event-source-mapping';
import { lambdaFunction } from './resources/lambda-function';
import { cloudwatchLogGroup, cloudwatchMetricAlarm } from './resources/observability';
import { sqsQueue, sqsQueuePolicy, sqsQueueRedriveAllowPolicy, sqsQueueRedrivePolicy } from './resources/sqs';
import { ARCHIVE, AWS, type ProviderSchema } from './schema/schema';

/** A provider: its schemas, and what stands behind each of them. */
export interface ProviderTypes {
  /** As Terraform names it: `hashicorp/aws`. */
  readonly address: string;
  readonly schema: ProviderSchema;
  readonly resources: Readonly<Record<string, ResourceType>>;
  readonly dataSources: Readonly<Record<string, DataSource>>;
}

/** hashicorp/aws, of the types that the lab models. */
export const awsTypes: ProviderTypes = {
  address: 'hashicorp/aws',
  schema: AWS,
  resources: {
    aws_cloudwatch_log_group: cloudwatchLogGroup,
    aws_cloudwatch_metric_alarm: cloudwatchMetricAlarm,
    aws_dynamodb_resource_policy: dynamodbResourcePolicy,
    aws_dynamodb_table: dynamodbTable,
    aws_iam_group: iamGroup,
    aws_iam_group_policy: iamGroupPolicy,
    aws_iam_policy: iamPolicy,
    aws_iam_role: iamRole,
    aws_iam_role_policy: iamRolePolicy,
    aws_iam_role_policy_attachment: iamRolePolicyAttachment,
    aws_iam_user: iamUser,
    aws_iam_user_group_membership: iamUserGroupMembership,
    aws_kms_alias: kmsAlias,
    aws_kms_key: kmsKey,
    aws_lambda_event_source_mapping: lambdaEventSourceMapping,
    aws_lambda_function: lambdaFunction,
    aws_sqs_queue: sqsQueue,
    aws_sqs_queue_policy: sqsQueuePolicy,
    aws_sqs_queue_redrive_allow_policy: sqsQueueRedriveAllowPolicy,
    aws_sqs_queue_redrive_policy: sqsQueueRedrivePolicy,
  },
  dataSources: {
    aws_caller_identity: callerIdentity,
    aws_iam_session_context: sessionContext,
    aws_partition: partition,
    aws_region: region,
  },
};

/** hashicorp/archive. */
export const archiveTypes: ProviderTypes = {
  address: 'hashicorp/archive',
  schema: ARCHIVE,
  resources: {},
  dataSources: { archive_file: archiveFile },
};

/**
 * Finds a type, or its schema, by its name.
 *
 * @throws ServiceError by name, when the lab does not model it
 */
export function findType<Type>(types: Readonly<Record<string, Type>>, name: string): Type {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) throw new ServiceError('NotModelledByTheLab', `The lab does not model ${name}`);
  return type;
}
