import { z } from 'zod';
import { type Loss, lossOf } from './loss';
import { type ResourcePair, text } from './resource-pairs';

/** Blocks of a table; the provider leaves out what is not set. */
const TABLE = z.object({
  point_in_time_recovery: z.array(z.object({ enabled: z.boolean().nullish(), recovery_period_in_days: z.number().nullish() })).nullish(),
  ttl: z.array(z.object({ enabled: z.boolean().nullish(), attribute_name: z.string().nullish() })).nullish(),
  stream_enabled: z.boolean().nullish(),
  stream_view_type: z.string().nullish(),
  replica: z.array(z.object({ region_name: z.string().nullish() })).nullish(),
});

/** Days for which a table can be restored, when none are given. */
const RECOVERY_DAYS = 35;

/** What else happens to the items of a table: how far back they can be restored, when they are deleted, where they are copied to. */
export function itemLosses({ was, now }: ResourcePair): Loss[] {
  if (now?.type !== 'aws_dynamodb_table' || !was) return [];
  const { address, values } = now;
  const lost = lossOf('table', text(values, 'name'));
  const [before, after] = [TABLE.safeParse(was.values), TABLE.safeParse(values)];
  if (!before.success || !after.success) return [lost('unreadable', `has values that cannot be read, so what protects its items is not known: ${address}`)];
  const recovery = ({ point_in_time_recovery: blocks }: z.infer<typeof TABLE>) =>
    blocks?.[0]?.enabled ? (blocks[0].recovery_period_in_days ?? RECOVERY_DAYS) : 0;
  const [daysBefore, days] = [recovery(before.data), recovery(after.data)];
  const expiry = ({ ttl }: z.infer<typeof TABLE>) => (ttl?.[0]?.enabled ? ttl[0].attribute_name : undefined);
  const stream = ({ stream_enabled: enabled, stream_view_type: view }: z.infer<typeof TABLE>) => (enabled ? view : undefined);
  const regions = new Set(before.data.replica?.map(({ region_name: region }) => region));
  const [expiresBy, streamed] = [expiry(after.data), stream(after.data)];
  return [
    // That it cannot be restored at all is told of the deployment.
    ...(days > 0 && days < daysBefore ? [lost(`restorable-for-${days}-days`, `can be restored to the last ${days} days instead of ${daysBefore}`)] : []),
    ...(expiresBy && expiresBy !== expiry(before.data) ? [lost(`expires-by-${expiresBy}`, `deletes its items at the time that their ${expiresBy} says`)] : []),
    ...(streamed && streamed !== stream(before.data) ? [lost(`stream-${streamed}`, `copies its changes to a stream (${streamed})`)] : []),
    ...(after.data.replica ?? [])
      .filter(({ region_name: region }) => !regions.has(region))
      .map(({ region_name: region }) => lost(`copied-to-${region}`, `is copied to ${region}`)),
  ];
}
