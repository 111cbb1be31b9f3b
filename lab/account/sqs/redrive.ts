import { z } from 'zod';
import { invalid } from './attributes';

const redrivePolicy = z.object({
  deadLetterTargetArn: z.string(),
  // A number, or its digits as text.
  maxReceiveCount: z
    .union([z.number(), z.string().regex(/^\d+$/)])
    .transform(Number)
    .pipe(z.int().min(1).max(1000)),
});

const redriveAllowPolicy = z.object({
  redrivePermission: z.enum(['allowAll', 'denyAll', 'byQueue']).default('allowAll'),
  sourceQueueArns: z.array(z.string()).default([]),
});

/** Where messages go that were received too often. */
export type RedrivePolicy = z.infer<typeof redrivePolicy>;

/**
 * Reads the attribute RedrivePolicy.
 *
 * @throws ServiceError InvalidAttributeValue
 */
export function parseRedrivePolicy(text: string): RedrivePolicy {
  return parse('RedrivePolicy', redrivePolicy, text);
}

/**
 * Reads the attribute RedriveAllowPolicy; without one, all queues may use the queue for their dead-letter messages.
 *
 * @throws ServiceError InvalidAttributeValue
 */
export function parseRedriveAllowPolicy(text: string): z.infer<typeof redriveAllowPolicy> {
  return parse('RedriveAllowPolicy', redriveAllowPolicy, text || '{}');
}

function parse<T>(attribute: string, schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw invalid(attribute);
  }
}
