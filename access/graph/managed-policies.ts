import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const SNAPSHOT = z.object({
  /** The package that it was taken from. */
  source: z.string(),
  /** The day of its newest policy, `YYYY-MM-DD`. */
  asOf: z.string(),
  /** Documents by ARN, in the partition `aws`. */
  policies: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** The text of an AWS managed policy by its ARN; `undefined` for one that is not known. */
export type ManagedPolicies = (arn: string) => string | undefined;

let snapshot: z.infer<typeof SNAPSHOT> | undefined;

/**
 * The policies that AWS manages, as they were on the day of the snapshot; AWS changes them without asking.
 * Only those of the partition `aws` are known.
 *
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
 */
export const awsManagedPolicies: ManagedPolicies = (arn) => {
  if (!arn.startsWith('arn:aws:iam::aws:policy/')) return undefined;
  snapshot ??= SNAPSHOT.parse(JSON.parse(gunzipSync(readFileSync(path.join(__dirname, 'data', 'managed-policies.json.gz'))).toString('utf8')));
  const document = snapshot.policies[arn];
  return document && JSON.stringify(document);
};
