import { memoize } from './memoize';

/** The parts of an Amazon Resource Name: `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  /** Empty where the service or the kind of resource has none (IAM, S3 buckets). */
  readonly region: string;
  /** Empty where the ARN carries none (S3 buckets). */
  readonly account: string;
  /** All that follows, with its own colons and slashes. */
  readonly resource: string;
}

/** Splits an ARN; `undefined` when the text is not one. The resource part keeps its own colons and slashes. */
export const parseArn = memoize(splitArn);

function splitArn(text: string): Arn | undefined {
  const parts = text.split(':');
  if (parts.length < 6 || parts[0] !== 'arn') return undefined;
  const [, partition = '', service = '', region = '', account = ''] = parts;
  return { partition, service, region, account, resource: parts.slice(5).join(':') };
}

/**
 * Writes an ARN; the counterpart of {@link parseArn}.
 *
 * @example formatArn({ partition: 'aws', service: 'iam', region: '', account: '111122223333', resource: 'role/Reader' })
 */
export function formatArn({ partition, service, region, account, resource }: Arn): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** The account an ARN belongs to; `undefined` for `*` and for ARNs that carry none (S3 buckets). */
export function accountOf(arn: string): string | undefined {
  return parseArn(arn)?.account || undefined;
}

/** The last part of a resource name: `Reader` of `arn:aws:iam::111122223333:role/team/Reader`. */
export function lastSegment(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);
}
