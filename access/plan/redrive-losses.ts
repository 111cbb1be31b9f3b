import { z } from 'zod';
import { PolicyError } from '../../evaluator/errors';
import type { TerraformResource } from '../graph/terraform-resource';
import { type Loss, lossOf } from './loss';
import { isUnclear, type ResourcePair, text } from './resource-pairs';

type Values = TerraformResource['values'];

const REDRIVE = z.object({ deadLetterTargetArn: z.string() });
const REDRIVE_ALLOW = z.discriminatedUnion('redrivePermission', [
  z.object({ redrivePermission: z.enum(['allowAll', 'denyAll']) }),
  z.object({ redrivePermission: z.literal('byQueue'), sourceQueueArns: z.array(z.string()) }),
]);

/** Policies of a queue that are resources of their own: where its failed messages go, and whose it takes. */
export function redriveLosses({ was, now }: ResourcePair, pairs: readonly ResourcePair[]): Loss[] {
  const { type = '', values } = now ?? was ?? {};
  const queue = text(values, 'queue_url').split('/').at(-1) ?? '';
  const lost = lossOf('queue', queue);
  const queuePair = pairs.find((pair) => pair.was?.type === 'aws_sqs_queue' && text(pair.was.values, 'name') === queue);
  // That a queue is destroyed is told of the queue.
  if (queuePair && !queuePair.now) return [];
  if (type === 'aws_sqs_queue_redrive_policy') {
    if (now && isUnclear(now, 'redrive_policy')) return [lost('other-dead-letter-queue', 'messages that fail go to a queue that is known only after apply')];
    const [from, to] = [targetOf((was ?? queuePair?.was)?.values, queue), targetOf(now?.values, queue)];
    return from === to ? [] : [lost('other-dead-letter-queue', `messages that fail go to ${to ?? 'no queue'} instead of ${from ?? 'none'}`)];
  }
  if (type !== 'aws_sqs_queue_redrive_allow_policy' || !was) return [];
  if (now && isUnclear(now, 'redrive_allow_policy')) return [lost('unknown-sources', 'may be the dead-letter queue of queues that are known only after apply')];
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
