import { paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import type { Clients } from '../clients';

/** Who used a key, and for which data, as CloudTrail logged it. */
export interface KeyUse {
  /** The name of the role; absent for callers that are no session of one. */
  readonly role?: string;
  /** E.g. `Decrypt`. */
  readonly event: string;
  /** From the encryption context: the ARN of the queue, or the name of the table. */
  readonly context?: string;
}

/** An event of CloudTrail, as far as it is read. */
const EVENT = z.object({
  userIdentity: z.object({ sessionContext: z.object({ sessionIssuer: z.object({ userName: z.string() }) }).optional() }),
  eventName: z.string(),
  requestParameters: z.object({ encryptionContext: z.record(z.string(), z.string()).optional() }).nullish(),
});

/** The uses of keys that CloudTrail knows, page by page. */
export async function keyUses(clients: Clients): Promise<readonly KeyUse[]> {
  const ofKms = { LookupAttributes: [{ AttributeKey: 'EventSource' as const, AttributeValue: 'kms.amazonaws.com' }] };
  const uses: KeyUse[] = [];
  for await (const page of paginateLookupEvents({ client: clients.of('cloudtrail') }, ofKms)) {
    for (const { CloudTrailEvent: event } of page.Events ?? []) uses.push(keyUse(String(event)));
  }
  return uses;
}

function keyUse(event: string): KeyUse {
  const { userIdentity, eventName, requestParameters } = EVENT.parse(JSON.parse(event));
  const context = requestParameters?.encryptionContext ?? {};
  return {
    role: userIdentity.sessionContext?.sessionIssuer.userName,
    event: eventName,
    context: context['aws:sqs:arn'] ?? context['aws:dynamodb:tableName'],
  };
}
