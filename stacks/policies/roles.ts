import type { Arns } from '../names';
import { policy } from './document';

/** AdminRole: everything that IAM can allow. The keys' policies still keep it from the data. */
export function adminPolicy() {
  return policy({ Sid: 'EverythingForAdministrators', Effect: 'Allow', Action: '*', Resource: '*' });
}

/** SQSAccessRole and SQSAccessNotAllowedRole alike: send, and see the keys' use in CloudTrail. */
export function producerPolicy(arns: Arns) {
  return policy(
    { Sid: 'SendForProducers', Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], Resource: arns.queue },
    // CloudTrail has no resource to name for this action.
    { Sid: 'SeeKeyUseForProducers', Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' },
  );
}

/** DBAccessRole and DBAccessNotAllowedRole alike: read and write the table. */
export function tableUserPolicy(arns: Arns) {
  return policy({
    Sid: 'ReadAndWriteForTableUsers',
    Effect: 'Allow',
    Action: ['BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'DescribeTable', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'].map(
      (name) => `dynamodb:${name}`,
    ),
    Resource: arns.table,
  });
}

/**
 * KeyManagerRole: finds the keys; what it may do to them stands in the key policies.
 */
export function keyManagerPolicy() {
  // KMS has no resource to name for these actions.
  return policy({ Sid: 'FindKeysForKeyManagers', Effect: 'Allow', Action: ['kms:ListAliases', 'kms:ListKeys'], Resource: '*' });
}

/**
 * OperatorRole: reads and redrives the dead-letter queue. It sends to the main queue only as part of a redrive.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export function operatorPolicy(arns: Arns) {
  return policy(
    {
      Sid: 'HandleDeadLettersForOperators',
      Effect: 'Allow',
      Action: [
        'sqs:CancelMessageMoveTask',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ListMessageMoveTasks',
        'sqs:ReceiveMessage',
        'sqs:StartMessageMoveTask',
      ],
      Resource: arns.deadLetterQueue,
    },
    {
      Sid: 'RedriveForOperators',
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: arns.queue,
      Condition: { StringEquals: { 'aws:CalledViaLast': 'sqs.amazonaws.com' } },
    },
  );
}

/**
 * The consumer's execution role. Lambda polls the queue outside the function, so `lambda:SourceFunctionArn` cannot guard
 * that; writing to the table happens inside, and only inside this very function.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
export function consumerPolicy(arns: Arns) {
  return policy(
    { Sid: 'PollForConsumer', Effect: 'Allow', Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], Resource: arns.queue },
    {
      Sid: 'WriteFromThisFunctionOnly',
      Effect: 'Allow',
      Action: 'dynamodb:BatchWriteItem',
      Resource: arns.table,
      Condition: { ArnEquals: { 'lambda:SourceFunctionArn': arns.function } },
    },
    { Sid: 'LogForConsumer', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${arns.logGroup}:*` },
    // X-Ray has no resource to name for these actions.
    { Sid: 'TraceForConsumer', Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
  );
}
