import { z } from 'zod';
import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import type { AccessReader } from './access-reader';
import { textOrArn } from './arn-of-reference';
import { attributeValues, text } from './attributes';
import type { Deployment, FunctionModel, StoreModel, TableModel } from './deployment';
import { policySourceOf } from './policy-source';
import type { TerraformResource } from './terraform-resource';

const REDRIVE = z.string().transform((policy, context) => {
  try {
    return z.object({ deadLetterTargetArn: z.string() }).parse(JSON.parse(policy)).deadLetterTargetArn;
  } catch {
    context.addIssue('not a redrive policy');
    return z.NEVER;
  }
});

/** The queues with their keys, policies and dead-letter queues. */
export function readQueues(reader: AccessReader): StoreModel[] {
  return reader.graph.of('aws_sqs_queue').map((queue) => ({
    ...storeOf(reader, queue),
    dataKeyReuseSeconds: Number(queue.values.kms_data_key_reuse_period_seconds ?? 300),
    deadLetterArn: deadLetterArnOf(reader, queue),
  }));
}

function storeOf(reader: AccessReader, store: TerraformResource): StoreModel {
  const policy = reader.resourcePolicies.of(store);
  const [keyArn, ...others] = reader.keysOf(store);
  return {
    name: text(store, 'name'),
    arn: reader.graph.arnOf(store),
    keyArn: others.length > 0 ? UNKNOWN : keyArn,
    policy: policy && policySourceOf(policy),
  };
}

function deadLetterArnOf({ graph }: AccessReader, queue: TerraformResource): string | undefined {
  const [value] = attributeValues(queue, 'redrive_policy');
  if (value?.kind === 'known') return REDRIVE.safeParse(value.value).data;
  const [referred, ...others] = (value?.resolutions ?? []).flatMap((resolution) =>
    resolution.kind === 'resource' && resolution.resource.type === queue.type ? [resolution.resource] : [],
  );
  return referred && others.length === 0 ? graph.arnOf(referred) : undefined;
}

/** The tables with their keys and policies. */
export function readTables(reader: AccessReader): TableModel[] {
  return reader.graph.of('aws_dynamodb_table').map((table) => ({
    ...storeOf(reader, table),
    deletionProtection: table.values.deletion_protection_enabled === true,
    pointInTimeRecovery: attributeValues(table, 'point_in_time_recovery.enabled').some((value) => value.kind === 'known' && value.value === true),
  }));
}

/** The functions with their roles, and the policies that their permissions make. */
export function readFunctions({ graph, resourcePolicies }: AccessReader): FunctionModel[] {
  return graph.of('aws_lambda_function').map((lambda) => {
    const policy = resourcePolicies.of(lambda);
    const roleArn = textOrArn(graph, lambda, 'role');
    return {
      name: text(lambda, 'function_name'),
      arn: graph.arnOf(lambda),
      roleArn: isUnknown(roleArn) ? '' : roleArn,
      policy: policy && policySourceOf(policy),
    };
  });
}

/** The log groups with their keys. */
export function readLogGroups(reader: AccessReader): Deployment['logGroups'] {
  return reader.graph.of('aws_cloudwatch_log_group').map((group) => {
    const { name, arn, keyArn } = storeOf(reader, group);
    return { name, arn, keyArn };
  });
}
