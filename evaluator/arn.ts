/** The parts of an Amazon Resource Name: `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

const parsed = new Map<string, Arn | undefined>();
const CACHE_LIMIT = 10_000;

/** Splits an ARN; `undefined` when the text is not one. The resource part keeps its own colons and slashes. */
export function parseArn(text: string): Arn | undefined {
  if (!parsed.has(text)) {
    if (parsed.size > CACHE_LIMIT) parsed.clear();
    parsed.set(text, split(text));
  }
  return parsed.get(text);
}

function split(text: string): Arn | undefined {
  const parts = text.split(':');
  if (parts.length < 6 || parts[0] !== 'arn') return undefined;
  const [, partition = '', service = '', region = '', account = ''] = parts;
  return { partition, service, region, account, resource: parts.slice(5).join(':') };
}

/** Writes an ARN from its parts, the inverse of `parseArn`. */
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
