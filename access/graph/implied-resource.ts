import { z } from 'zod';
import { isUnknown } from '../../evaluator/unknown';

const DOCUMENT = z.looseObject({ Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]) });

/**
 * Types whose policies name no resource: they speak of what holds them.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
const WITHOUT_RESOURCE = ['aws_ecr_repository'];

/** The policy of a resource of a type, with the resource that it implies written out. What is no policy stays as it is. */
export function withImpliedResource(type: string, text: string, arn: string): string {
  if (!WITHOUT_RESOURCE.includes(type) || isUnknown(text)) return text;
  const read = DOCUMENT.safeParse(parsed(text));
  if (!read.success) return text;
  const statements = [read.data.Statement].flat();
  const completed = statements.map((statement) => ('Resource' in statement || 'NotResource' in statement ? statement : { ...statement, Resource: arn }));
  return JSON.stringify({ ...read.data, Statement: completed });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
