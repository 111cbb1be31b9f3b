import type { TerraformResource } from '../graph/terraform-resource';
import { type Loss, lossOf } from './loss';
import { isUnclear, type ResourcePair, text } from './resource-pairs';

/** A number of which less, or more, protects less. */
interface Limit {
  readonly type: string;
  readonly attribute: string;
  /** What AWS takes when none is given. */
  readonly byDefault: number;
  /** What 0 stands for, where it is not the least. */
  readonly zero?: number;
  readonly isWorse: 'less' | 'more';
  readonly loss: (now: number) => string;
  readonly change: (now: string, was: string) => string;
}

/**
 * Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html,
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
 */
const LIMITS: readonly Limit[] = [
  {
    type: 'aws_sqs_queue',
    attribute: 'message_retention_seconds',
    byDefault: 345_600,
    isWorse: 'less',
    loss: (now) => `kept-${now}-seconds`,
    change: (now, was) => `keeps its messages for ${now} seconds instead of ${was}`,
  },
  {
    type: 'aws_cloudwatch_log_group',
    attribute: 'retention_in_days',
    byDefault: 0,
    // A log group without retention keeps its events forever.
    zero: Number.POSITIVE_INFINITY,
    isWorse: 'less',
    loss: (now) => `kept-${now}-days`,
    change: (now, was) => `keeps its events for ${now} days instead of ${was}`,
  },
  {
    type: 'aws_iam_role',
    attribute: 'max_session_duration',
    byDefault: 3600,
    isWorse: 'more',
    loss: (now) => `sessions-of-${now}-seconds`,
    change: (now, was) => `has sessions of up to ${now} seconds instead of ${was}: as long a principal keeps access that may not assume it any more`,
  },
];

/** As ids name resources of these types. */
const KINDS: Readonly<Record<string, string>> = {
  aws_sqs_queue: 'queue',
  aws_cloudwatch_log_group: 'logs',
  aws_iam_role: 'role',
  aws_dynamodb_table: 'table',
};

/** Attributes that protect, and of which nothing can be said while they are not known. */
const PROTECTING: Readonly<Record<string, readonly string[]>> = {
  aws_sqs_queue: ['message_retention_seconds', 'kms_data_key_reuse_period_seconds'],
  aws_cloudwatch_log_group: ['retention_in_days', 'deletion_protection_enabled'],
  aws_iam_role: ['max_session_duration'],
  aws_dynamodb_table: ['deletion_protection_enabled', 'point_in_time_recovery', 'ttl', 'stream_enabled', 'replica'],
};

/** Data that is kept for a shorter time, access that lasts longer, and what only an apply will tell of either. */
export function retentionLosses({ was, now }: ResourcePair): Loss[] {
  if (!was || !now) return [];
  const { type, values } = now;
  const lost = lossOf(KINDS[type] ?? type, text(values, 'name'));
  const losses = LIMITS.filter((limit) => limit.type === type && !isUnclear(now, limit.attribute)).flatMap((limit): Loss[] => {
    const [before, after] = [limitOf(was, limit), limitOf(now, limit)];
    const isWorse = limit.isWorse === 'less' ? after < before : after > before;
    return isWorse ? [lost(limit.loss(after), limit.change(shown(after), shown(before)))] : [];
  });
  const unclear = (PROTECTING[type] ?? []).filter((attribute) => isUnclear(now, attribute));
  const isProtected = (resource: TerraformResource) => resource.values.deletion_protection_enabled === true;
  const unprotected = type === 'aws_cloudwatch_log_group' && isProtected(was) && !isProtected(now) && !isUnclear(now, 'deletion_protection_enabled');
  return [
    ...losses,
    ...unclear.map((attribute) => lost(`unknown-${attribute}`, `may be less protected: its ${attribute} is known only after apply`)),
    ...(unprotected ? [lost('no-deletion-protection', 'can be deleted: deletion protection is switched off')] : []),
  ];
}

function limitOf({ values }: TerraformResource, { attribute, byDefault, zero = 0 }: Limit): number {
  return Number(values[attribute] ?? byDefault) || zero;
}

const shown = (value: number) => (Number.isFinite(value) ? `${value}` : 'forever');
