import { z } from 'zod';
import { PolicyError } from '../../evaluator/errors';
import { isPlan, type TerraformDocument } from '../graph/terraform-json';
import { resourcesBefore, resourcesOf, type TerraformResource } from '../graph/terraform-resource';
import type { Loss } from './loss';

type Values = TerraformResource['values'];
type Lost = (loss: string, change: string) => Loss;

/**
 * What queues, tables and log groups lose of the time for which they keep data, and where else their data goes. All of it stands in
 * the values of resources and nowhere in a policy.
 */
export function dataLosses(documents: readonly TerraformDocument[]): Loss[] {
  const before = byIdentity(documents.flatMap((document) => (isPlan(document) ? resourcesBefore(document) : resourcesOf(document))));
  const after = byIdentity(documents.flatMap(resourcesOf));
  const changed = [...after].flatMap(([identity, resource]) => [
    ...keptShorter(before.get(identity)?.values, resource),
    ...tableLosses(before.get(identity)?.values, resource),
  ]);
  const identities = [...new Set([...before.keys(), ...after.keys()])];
  return [...changed, ...identities.flatMap((identity) => redriveLosses(before.get(identity), after.get(identity), before))];
}

/** A resource keeps its name when its address changes. */
function byIdentity(resources: readonly TerraformResource[]): Map<string, TerraformResource> {
  const managed = resources.filter(({ mode }) => mode === 'managed');
  return new Map(
    managed.map((resource) => [`${resource.type} ${text(resource.values, 'name') || text(resource.values, 'queue_url') || resource.address}`, resource]),
  );
}

const text = (values: Values | undefined, attribute: string) => String(values?.[attribute] ?? '');

/** A time for which data is kept: the less of it, the sooner data is gone. */
interface Retention {
  readonly type: string;
  readonly kind: string;
  readonly attribute: string;
  readonly what: string;
  readonly unit: string;
  /** What AWS takes when none is given. */
  readonly byDefault: number;
}

/**
 * Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html,
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const RETENTIONS: readonly Retention[] = [
  { type: 'aws_sqs_queue', kind: 'queue', attribute: 'message_retention_seconds', what: 'messages', unit: 'seconds', byDefault: 345_600 },
  { type: 'aws_cloudwatch_log_group', kind: 'logs', attribute: 'retention_in_days', what: 'events', unit: 'days', byDefault: 0 },
];

function keptShorter(was: Values | undefined, { type, values, unknown }: TerraformResource): Loss[] {
  if (!was) return [];
  const name = text(values, 'name');
  const losses = RETENTIONS.filter((retention) => retention.type === type).flatMap(({ kind, attribute, what, unit, byDefault }): Loss[] => {
    const lost = lossOf(kind, name);
    if (unknown[attribute] === true) return [lost('unknown-retention', `keeps its ${what} for a time that is known only after apply`)];
    const [before, after] = [numberOf(was[attribute], byDefault), numberOf(values[attribute], byDefault)];
    // A log group without retention keeps its events forever.
    const forever = (value: number) => (type === 'aws_cloudwatch_log_group' && value === 0 ? Number.POSITIVE_INFINITY : value);
    if (forever(after) >= forever(before)) return [];
    return [lost(`kept-${after}-${unit}`, `keeps its ${what} for ${after} ${unit} instead of ${forever(before) === before ? `${before}` : 'forever'}`)];
  });
  const unprotected = type === 'aws_cloudwatch_log_group' && was.deletion_protection_enabled === true && values.deletion_protection_enabled !== true;
  return [...losses, ...(unprotected ? [lossOf('logs', name)('no-deletion-protection', 'can be deleted: deletion protection is switched off')] : [])];
}

const numberOf = (value: unknown, byDefault: number) => (value === undefined || value === null ? byDefault : Number(value));

const lossOf =
  (kind: string, name: string): Lost =>
  (loss, change) => ({ of: `${kind}/${name}`, what: name, loss, change });

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

function tableLosses(was: Values | undefined, { type, address, values }: TerraformResource): Loss[] {
  if (type !== 'aws_dynamodb_table' || !was) return [];
  const lost = lossOf('table', text(values, 'name'));
  const [before, after] = [TABLE.safeParse(was), TABLE.safeParse(values)];
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

const REDRIVE = z.object({ deadLetterTargetArn: z.string() });
const REDRIVE_ALLOW = z.discriminatedUnion('redrivePermission', [
  z.object({ redrivePermission: z.enum(['allowAll', 'denyAll']) }),
  z.object({ redrivePermission: z.literal('byQueue'), sourceQueueArns: z.array(z.string()) }),
]);

/** Policies of a queue that are resources of their own: where its failed messages go, and whose it takes. */
function redriveLosses(was: TerraformResource | undefined, now: TerraformResource | undefined, before: ReadonlyMap<string, TerraformResource>): Loss[] {
  const { type = '', values, unknown } = now ?? was ?? {};
  const queue = text(values, 'queue_url').split('/').at(-1) ?? '';
  const lost = lossOf('queue', queue);
  if (type === 'aws_sqs_queue_redrive_policy') {
    if (now && unknown?.redrive_policy === true) return [lost('other-dead-letter-queue', 'messages that fail go to a queue that is known only after apply')];
    const onQueue = before.get(`aws_sqs_queue ${queue}`)?.values;
    const [from, to] = [targetOf(was?.values ?? onQueue, queue), targetOf(now?.values, queue)];
    return from === to ? [] : [lost('other-dead-letter-queue', `messages that fail go to ${to ?? 'no queue'} instead of ${from ?? 'none'}`)];
  }
  if (type !== 'aws_sqs_queue_redrive_allow_policy' || !was) return [];
  if (now && unknown?.redrive_allow_policy === true) return [lost('unknown-sources', 'may be the dead-letter queue of queues that are known only after apply')];
  const [sourcesBefore, sources] = [sourcesOf(was.values, queue), sourcesOf(now?.values, queue)];
  if (sourcesBefore === 'all') return [];
  if (sources === 'all') return [lost('any-source', 'may be the dead-letter queue of every queue of the account')];
  return sources.filter((arn) => !sourcesBefore.includes(arn)).map((arn) => lost(`source-${arn}`, `may be the dead-letter queue of ${arn}, too`));
}

function targetOf(values: Values | undefined, queue: string): string | undefined {
  const policy = text(values, 'redrive_policy');
  return policy ? parsed(policy, REDRIVE, `redrive policy of queue ${queue}`).deadLetterTargetArn : undefined;
}

/**
 * The queues that may name a queue as their dead-letter queue: all of the account when no policy says otherwise.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
function sourcesOf(values: Values | undefined, queue: string): 'all' | readonly string[] {
  const policy = text(values, 'redrive_allow_policy');
  if (!policy) return 'all';
  const read = parsed(policy, REDRIVE_ALLOW, `redrive allow policy of queue ${queue}`);
  if (read.redrivePermission === 'byQueue') return read.sourceQueueArns;
  return read.redrivePermission === 'allowAll' ? 'all' : [];
}

function parsed<T>(policy: string, schema: z.ZodType<T>, name: string): T {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch (cause) {
    throw new PolicyError(name, 'document', 'not JSON', undefined, { cause });
  }
  const result = schema.safeParse(document);
  if (!result.success) throw new PolicyError(name, 'document', 'not as SQS takes it', undefined, { cause: result.error });
  return result.data;
}
