import { randomUUID } from 'node:crypto';
import { DECOY_NAME, decoyArns, decoyTrust, LOG_STREAM, OWN_USER, similarName } from '../../access/matrix/decoys';
import type { Account } from '../../lab/account/account';
import { Poller } from '../../lab/account/lambda/poller';
import type { Names } from '../../stacks/names';

/** A policy that allows nothing. */
const NOTHING = JSON.stringify({ Version: '2012-10-17', Statement: { Sid: 'Nothing', Effect: 'Deny', Action: 's3:ListAllMyBuckets', Resource: '*' } });

/**
 * Makes the decoys that the matrix asks about, see access/matrix/decoys.ts: resources of the account that are
 * none of the deployment's business.
 */
export async function makeDecoyResources(account: Account, names: Names): Promise<void> {
  const { iam, sqs, dynamodb, logs, kms, lambda, cloudwatch, sts } = account;
  const root = account.call(sts.rootCredentials().caller);
  const name = DECOY_NAME;
  await account.perform(sqs.operations.CreateQueue, { QueueName: name }, root);
  await account.perform(sqs.operations.CreateQueue, { QueueName: similarName(names.queue) }, root);
  await account.perform(
    dynamodb.operations.CreateTable,
    {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'Name', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'Name', KeyType: 'HASH' }],
    },
    root,
  );
  await account.perform(logs.operations.CreateLogGroup, { logGroupName: name }, root);
  await account.perform(logs.operations.CreateLogStream, { logGroupName: name, logStreamName: LOG_STREAM }, root);
  const { KeyMetadata } = await account.perform(kms.operations.CreateKey, {}, root);
  await account.perform(kms.operations.CreateAlias, { AliasName: `alias/${name}`, TargetKeyId: KeyMetadata.KeyId }, root);
  await account.perform(cloudwatch.operations.PutMetricAlarm, { AlarmName: name, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1 }, root);
  await account.perform(iam.operations.CreateRole, { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(decoyTrust(root.caller.principal.arn)) }, root);
  await account.perform(iam.operations.CreatePolicy, { PolicyName: name, PolicyDocument: NOTHING }, root);
  await account.perform(iam.operations.CreateGroup, { GroupName: name }, root);
  for (const UserName of [name, OWN_USER]) {
    await account.perform(iam.operations.CreateUser, { UserName }, root);
    await account.perform(iam.operations.CreateAccessKey, { UserName }, root);
  }
  await account.perform(iam.operations.CreateVirtualMFADevice, { VirtualMFADeviceName: name }, root);
  const { function: arn } = decoyArns({ partition: account.partition, region: account.region, account: account.accountId });
  lambda.functions.set(name, { ...lambda.find(names.function), name, arn, tags: {} });
  const [poller] = lambda.pollers.values();
  if (!poller) throw new Error('The event source mapping is not deployed');
  const uuid = randomUUID();
  const mapping = { ...poller.mapping, uuid, arn: account.arn('lambda', `event-source-mapping:${uuid}`), functionName: name, functionArn: arn, tags: {} };
  lambda.pollers.set(uuid, new Poller(account, mapping));
}
