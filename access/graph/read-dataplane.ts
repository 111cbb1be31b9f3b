import type { StatementDocument } from '../../evaluator/policy/document';
import { UNKNOWN } from '../../evaluator/unknown';
import type { FunctionModel, PolicySource, StoreModel, TableModel } from './deployment';
import { type Resources, refersTo, text } from './resources';
import type { TerraformResource } from './terraform-json';

/** The queues with their keys, policies and dead-letter queues. */
export function readQueues(resources: Resources): StoreModel[] {
  return resources.of('aws_sqs_queue').map((one) => {
    const name = text(one, 'name');
    const apart = resources.of('aws_sqs_queue_policy').find((found) => text(found, 'queue_url').endsWith(`/${name}`) || refersTo(found, 'queue_url', one));
    const holder = apart ?? (text(one, 'policy') ? one : undefined);
    const redrive = text(one, 'redrive_policy');
    return {
      name,
      arn: text(one, 'arn') || resources.regional('sqs', name),
      keyArn: resources.keyOf(one, 'kms_master_key_id'),
      policy: holder && resources.policyAt(holder, 'policy', `policy of queue ${name}`, 'resource'),
      deadLetterArn: redrive ? (JSON.parse(redrive) as { deadLetterTargetArn: string }).deadLetterTargetArn : undefined,
    };
  });
}

/** The tables with their keys and policies. */
export function readTables(resources: Resources): TableModel[] {
  return resources.of('aws_dynamodb_table').map((one) => {
    const name = text(one, 'name');
    const arn = text(one, 'arn') || resources.regional('dynamodb', `table/${name}`);
    const policy = resources.of('aws_dynamodb_resource_policy').find((found) => text(found, 'resource_arn') === arn || refersTo(found, 'resource_arn', one));
    const [encryption] = (one.values.server_side_encryption ?? []) as { enabled?: boolean; kms_key_arn?: string }[];
    const [recovery] = (one.values.point_in_time_recovery ?? []) as { enabled?: boolean }[];
    return {
      name,
      arn,
      keyArn: encryption?.enabled ? encryption.kms_key_arn || UNKNOWN : undefined,
      policy: policy && resources.policyAt(policy, 'policy', `policy of table ${name}`, 'resource'),
      deletionProtection: one.values.deletion_protection_enabled === true,
      pointInTimeRecovery: recovery?.enabled === true,
    };
  });
}

/** The functions with their roles, and the policies that their permissions make. */
export function readFunctions(resources: Resources): FunctionModel[] {
  return resources.of('aws_lambda_function').map((one) => {
    const name = text(one, 'function_name');
    const arn = text(one, 'arn') || resources.regional('lambda', `function:${name}`);
    const permissions = resources.of('aws_lambda_permission').filter((found) => {
      const named = text(found, 'function_name');
      return named ? named === name || named.split(':').at(-1) === name || named === arn : refersTo(found, 'function_name', one);
    });
    return { name, arn, roleArn: text(one, 'role'), policy: permissions.length > 0 ? policyOf(one, name, arn, permissions) : undefined };
  });
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
function policyOf(one: TerraformResource, name: string, arn: string, permissions: readonly TerraformResource[]): PolicySource {
  const at = { address: one.address, attribute: 'permissions', name: `policy of function ${name}`, kind: 'resource' as const };
  const parts = ['action', 'principal', 'source_arn', 'source_account', 'principal_org_id'];
  if (permissions.some(({ unknown }) => parts.some((part) => unknown.has(part)))) return { ...at, text: UNKNOWN };
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
  return { ...at, text: JSON.stringify({ Version: '2012-10-17', Statement: statements }) };
}
