import { z } from 'zod';
import { type Loss, lossOf } from './loss';
import { type ResourcePair, text } from './resource-pairs';

/** Blocks of a function that say where its data goes without a policy that says so. */
const FUNCTION = z.object({
  logging_config: z.array(z.object({ log_group: z.string().nullish() })).nullish(),
  dead_letter_config: z.array(z.object({ target_arn: z.string().nullish() })).nullish(),
});

/**
 * A function writes to another log group, which may have another key, or hands the events that it fails on elsewhere.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function functionLosses({ was, now }: ResourcePair): Loss[] {
  if (now?.type !== 'aws_lambda_function' || !was) return [];
  const name = text(now.values, 'function_name');
  const lost = lossOf('function', name);
  const [before, after] = [FUNCTION.safeParse(was.values), FUNCTION.safeParse(now.values)];
  if (!before.success || !after.success) return [lost('unreadable', 'has values that cannot be read, so where its data goes is not known')];
  const logs = ({ logging_config: blocks }: z.infer<typeof FUNCTION>) => blocks?.[0]?.log_group || `/aws/lambda/${name}`;
  const failures = ({ dead_letter_config: blocks }: z.infer<typeof FUNCTION>) => blocks?.[0]?.target_arn || undefined;
  const target = failures(after.data);
  return [
    ...(logs(before.data) !== logs(after.data) ? [lost('other-log-group', `writes its logs to ${logs(after.data)} instead of ${logs(before.data)}`)] : []),
    ...(target && target !== failures(before.data) ? [lost('other-failure-target', `hands the events that it fails on to ${target}`)] : []),
  ];
}
