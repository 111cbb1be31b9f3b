import type { StatementDocument } from '../../evaluator/policy/document';
import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import { textOrArn } from './arn-of-reference';
import type { ResourceGraph } from './graph';
import { isObject, type TerraformResource } from './terraform-resource';

/** Which resource makes the statement. */
export type PermissionForm = 'lambda' | 'layer' | 'event bus';

type Condition = readonly [operator: string, key: string, value: string];

/**
 * The policy that permissions make; UNKNOWN when the action of one, or a condition, is known only after apply.
 *
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html,
 * https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html,
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
 *
 * @param arn of the resource that the permissions are of
 */
export function policyOfPermissions(
  graph: ResourceGraph,
  permissions: readonly { readonly resource: TerraformResource; readonly form: PermissionForm }[],
  arn: string,
): string {
  const isUnclear = permissions.some(({ resource }) => [textOrArn(graph, resource, 'action'), textOrArn(graph, resource, 'condition')].some(isUnknown));
  if (isUnclear) return UNKNOWN;
  const Statement = permissions.map(({ resource, form }) => statementOf((attribute) => textOrArn(graph, resource, attribute), resource, form, arn));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

type Read = (attribute: string) => string;

function statementOf(read: Read, permission: TerraformResource, form: PermissionForm, arn: string): StatementDocument {
  const Condition: Record<string, Record<string, string>> = {};
  for (const [operator, key, value] of conditionsOf(read, permission, form)) if (value) Condition[operator] = { ...Condition[operator], [key]: value };
  const qualifier = form === 'lambda' ? read('qualifier') : '';
  const sid = read('statement_id');
  return {
    Sid: sid === '' || isUnknown(sid) ? permission.address : sid,
    Effect: 'Allow',
    Principal: principalOf(read('principal')),
    Action: read('action') || 'events:PutEvents',
    Resource: qualifier ? `${arn}:${qualifier}` : arn,
    ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
  };
}

function principalOf(principal: string): StatementDocument['Principal'] {
  if (principal === '*') return '*';
  return principal.includes('.') && !principal.startsWith('arn:') ? { Service: principal } : { AWS: principal || UNKNOWN };
}

function conditionsOf(read: Read, permission: TerraformResource, form: PermissionForm): readonly Condition[] {
  if (form === 'layer') return [['StringEquals', 'aws:PrincipalOrgID', read('organization_id')]];
  if (form === 'lambda')
    return [
      ['ArnLike', 'aws:SourceArn', read('source_arn')],
      ['StringEquals', 'aws:SourceAccount', read('source_account')],
      ['StringEquals', 'aws:PrincipalOrgID', read('principal_org_id')],
      ['StringEquals', 'lambda:EventSourceToken', read('event_source_token')],
      ['StringEquals', 'lambda:FunctionUrlAuthType', read('function_url_auth_type')],
    ];
  return [permission.values.condition ?? []].flat().flatMap((block): Condition[] => {
    if (!isObject(block)) return [];
    return [[String(block.type), String(block.key), String(block.value)]];
  });
}
