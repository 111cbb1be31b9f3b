import { z } from 'zod';
import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown, UNKNOWN } from '../../evaluator/unknown';

const DOCUMENT = z.looseObject({ Statement: z.union([z.looseObject({}), z.array(z.looseObject({}))]) });

/**
 * The policy of a bucket whose public access block restricts public buckets: while the policy is public, only services of AWS and
 * the bucket's own account get in. A statement for everybody makes it public unless its condition narrows it to fixed values,
 * which is not decided here: then it is undetermined whether others get in.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 *
 * @param arns of the bucket and its objects
 */
export function restrictedPolicy(text: string, account: string, arns: readonly string[]): string {
  const document = isUnknown(text) ? undefined : read(text);
  if (document === undefined) return text;
  const open = many(document.Statement).filter(({ Effect, Principal }) => Effect === 'Allow' && isEverybody(Principal));
  if (open.length === 0) return text;
  const isPublic = open.some(({ Condition }) => Condition === undefined);
  const deny: StatementDocument = {
    Sid: 'RestrictPublicBuckets',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: arns,
    Condition: {
      StringNotEquals: { 'aws:PrincipalAccount': account },
      // Requests without credentials lack the key.
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      // Every request has this key, so an unknown value leaves it open whether the statement applies.
      ...(isPublic ? {} : { Bool: { 'aws:SecureTransport': UNKNOWN } }),
    },
  };
  return JSON.stringify({ ...document, Statement: [...many(document.Statement), deny] });
}

function isEverybody(principal: StatementDocument['Principal']): boolean {
  if (principal === undefined || principal === '*') return principal === '*';
  return many(principal.AWS).includes('*');
}

function read(text: string): PolicyDocument | undefined {
  try {
    return DOCUMENT.safeParse(JSON.parse(text)).success ? (JSON.parse(text) as PolicyDocument) : undefined;
  } catch {
    return undefined;
  }
}
