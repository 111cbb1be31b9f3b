import type { StatementDocument } from '../../evaluator/policy/document';
import { UNKNOWN } from '../../evaluator/unknown';
import { policyLabel } from '../matrix/id-labels';
import type { PolicyId } from '../matrix/ids';
import { isAfterApply, refersTo, text } from './attributes';
import type { FunctionModel, PolicySource, StoreModel, TableModel } from './deployment';
import type { Resources } from './resources';
import type { TerraformResource } from './terraform-resource';

/** The queues with their keys, policies and dead-letter queues. */
export function readQueues(resources: Resources): StoreModel[] {
  return resources.of('aws_sqs_queue').map((queue) => {
    const name = text(queue, 'name');
    const separatePolicy = resources
      .of('aws_sqs_queue_policy')
      .find((policy) => text(policy, 'queue_url').endsWith(`/${name}`) || refersTo(policy, 'queue_url', queue));
    const holder = separatePolicy ?? (text(queue, 'policy') ? queue : undefined);
    const redrive = text(queue, 'redrive_policy');
    return {
      name,
      arn: text(queue, 'arn') || resources.regional('sqs', name),
      keyArn: resources.keyOf(queue, 'kms_master_key_id'),
      policy: holder && resources.policySource(holder, 'policy', `queue/${name}`, 'resource'),
      dataKeyReuseSeconds: Number(queue.values.kms_data_key_reuse_period_seconds ?? 300),
      deadLetterArn: redrive ? (JSON.parse(redrive) as { deadLetterTargetArn: string }).deadLetterTargetArn : undefined,
    };
  });
}

/** The tables with their keys and policies. */
export function readTables(resources: Resources): TableModel[] {
  return resources.of('aws_dynamodb_table').map((table) => {
    const name = text(table, 'name');
    const arn = text(table, 'arn') || resources.regional('dynamodb', `table/${name}`);
    const policy = resources
      .of('aws_dynamodb_resource_policy')
      .find((candidate) => text(candidate, 'resource_arn') === arn || refersTo(candidate, 'resource_arn', table));
    const [encryption] = (table.values.server_side_encryption ?? []) as { enabled?: boolean; kms_key_arn?: string }[];
    const [recovery] = (table.values.point_in_time_recovery ?? []) as { enabled?: boolean }[];
    return {
      name,
      arn,
      keyArn: encryption?.enabled ? encryption.kms_key_arn || UNKNOWN : undefined,
      policy: policy && resources.policySource(policy, 'policy', `table/${name}`, 'resource'),
      deletionProtection: table.values.deletion_protection_enabled === true,
      pointInTimeRecovery: recovery?.enabled === true,
    };
  });
}

/** The functions with their roles, and the policies that their permissions make. */
export function readFunctions(resources: Resources): FunctionModel[] {
  return resources.of('aws_lambda_function').map((lambda) => {
    const name = text(lambda, 'function_name');
    const arn = text(lambda, 'arn') || resources.regional('lambda', `function:${name}`);
    const permissions = resources.of('aws_lambda_permission').filter((permission) => {
      const named = text(permission, 'function_name');
      return named ? named === name || named.split(':').at(-1) === name || named === arn : refersTo(permission, 'function_name', lambda);
    });
    return { name, arn, roleArn: text(lambda, 'role'), policy: permissions.length > 0 ? policyOf(lambda, name, arn, permissions) : undefined };
  });
}

/**
 * The policy that permissions make.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
function policyOf(lambda: TerraformResource, name: string, arn: string, permissions: readonly TerraformResource[]): PolicySource {
  const id: PolicyId = `function/${name}`;
  const source = { id, address: lambda.address, attribute: 'permissions', name: policyLabel(id), kind: 'resource' as const };
  const parts = ['action', 'principal', 'source_arn', 'source_account', 'principal_org_id'];
  if (permissions.some((permission) => parts.some((part) => isAfterApply(permission, part)))) return { ...source, text: UNKNOWN };
  const statements = permissions.map((permission): StatementDocument => {
    const principal = text(permission, 'principal');
    const conditions = [
      ['ArnLike', 'aws:SourceArn', text(permission, 'source_arn')],
      ['StringEquals', 'aws:SourceAccount', text(permission, 'source_account')],
      ['StringEquals', 'aws:PrincipalOrgID', text(permission, 'principal_org_id')],
    ] as const;
    const Condition: Record<string, Record<string, string>> = {};
    for (const [operator, key, value] of conditions) if (value) Condition[operator] = { ...Condition[operator], [key]: value };
    return {
      Sid: text(permission, 'statement_id') || permission.address,
      Effect: 'Allow',
      Principal: principal === '*' ? '*' : principal.includes('.') ? { Service: principal } : { AWS: principal },
      Action: text(permission, 'action'),
      Resource: arn,
      ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
    };
  });
  return { ...source, text: JSON.stringify({ Version: '2012-10-17', Statement: statements }) };
}
