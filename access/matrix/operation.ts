import type { Grant } from '../../evaluator/grants';
import type { ContextInput } from '../../evaluator/request';
import { UNKNOWN } from '../../evaluator/unknown';
import { awsManagedKeyPolicy } from '../graph/aws-managed-keys';
import type { Deployment, PolicySource } from '../graph/deployment';
import { type OperationId, segment } from './ids';

/** One request of an operation. */
export interface OperationStep {
  readonly action: string;
  readonly resource: string;
  readonly policy?: PolicySource;
  /** On a key: what its grants allow in addition to its policy. */
  readonly grants?: readonly Grant[];
  readonly context?: ContextInput;
}

/**
 * Something that an actor may want to do: the whole chain of requests behind it, all of which must be
 * allowed.
 */
export interface OperationModel {
  readonly id: OperationId;
  readonly steps: readonly OperationStep[];
}

/** A name without the deployment's common prefix. */
export function shortName(deployment: Deployment, name: string): string {
  return name.startsWith(deployment.prefix) ? name.slice(deployment.prefix.length) : name;
}

/** A name in the form of ids: without the common prefix, as one segment. */
export const idName = (deployment: Deployment, name: string): string => segment(shortName(deployment, name));

/** Lambda's own convention for the log group of a function. */
const FUNCTION_LOGS = '/aws/lambda/';

/** A log group in the form of ids: by the name of its function, or by its own. */
export const idOfLogs = (deployment: Deployment, name: string): string =>
  idName(deployment, name.startsWith(FUNCTION_LOGS) ? name.slice(FUNCTION_LOGS.length) : name);

/**
 * The ARN by which CloudWatch Logs decides about an action on a log group. Policies name the group as `…:GROUP:*`, and plainly
 * for the actions on its tags alone.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
export const logGroupTarget = (action: string, groupArn: string): string =>
  /^logs:(TagResource|UntagResource|ListTagsForResource)$/.test(action) ? groupArn : `${groupArn}:log-stream:`;

/** The context of a request that arrives without TLS. */
export const WITHOUT_TLS: ContextInput = { 'aws:SecureTransport': 'false' };

/** The context of a request that a service makes for its caller. */
export function viaService(service: string): Readonly<Record<string, string | readonly string[]>> {
  const principal = `${service}.amazonaws.com`;
  // A service that calls for its caller does so without the caller's address.
  return { 'aws:CalledVia': [principal], 'aws:SourceIp': [] };
}

/** The services that use keys for their callers. */
export type KeyUser = 'sqs' | 'dynamodb';

/**
 * What a service asks of KMS for its caller; nothing where there is no key. A key that is not in the JSON has
 * no policy that allows anything.
 */
export function throughService(
  deployment: Deployment,
  keyArn: string | undefined,
  actions: readonly string[],
  service: KeyUser,
  encryptionContext: Readonly<Record<string, string>>,
): OperationStep[] {
  if (keyArn === undefined) return [];
  const key = deployment.keys.find(({ arn }) => arn === keyArn);
  const [policy, grants] = key ? [key.policy, key.grants] : [policyOfOtherKey(deployment, keyArn)];
  const context = {
    ...viaService(service),
    'kms:ViaService': `${service}.${deployment.region}.amazonaws.com`,
    'kms:EncryptionContextKeys': Object.keys(encryptionContext),
    ...Object.fromEntries(Object.entries(encryptionContext).map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
  };
  return actions.map((action) => ({ action: `kms:${action}`, resource: keyArn, policy, grants, context }));
}

// Encryption contexts are written here, in stacks/ and in lab/ on purpose: three independent statements of
// one fact of AWS, which verify compares.

/**
 * The policy of a key that is in no file: that of an AWS managed key is the one that AWS documents, any other may say anything.
 *
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
 */
function policyOfOtherKey({ account, region }: Deployment, keyArn: string): PolicySource {
  const alias = /:(alias\/aws\/[a-z0-9]+)$/.exec(keyArn)?.[1];
  const name = alias ? `AWS managed key ${alias}` : `key ${keyArn}, which is in no file`;
  const text = alias ? awsManagedKeyPolicy({ alias, region, arn: keyArn }, account) : UNKNOWN;
  return { id: `key/${keyArn}`, address: keyArn, attribute: 'policy', name, kind: 'key', text };
}

/** The encryption context that SQS uses for a queue. */
export const queueContext = (queueArn: string) => ({ 'aws:sqs:arn': queueArn });
/** The encryption context that DynamoDB uses for a table. */
export const tableContext = (name: string, account: string) => ({ 'aws:dynamodb:tableName': name, 'aws:dynamodb:subscriberId': account });

/** The same request, stating whether a grant is for an AWS resource. */
export function granting(step: OperationStep, isForAwsResource: boolean): OperationStep {
  return { ...step, context: { ...step.context, 'kms:GrantIsForAWSResource': String(isForAwsResource) } };
}
