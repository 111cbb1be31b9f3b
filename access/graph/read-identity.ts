import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import type { PolicySource, RoleModel } from './deployment';
import { type Resources, text } from './resources';
import type { TerraformResource } from './terraform-json';

/** The roles with their trust, their policies, wherever these are written, and their boundary. */
export function readRoles(resources: Resources): RoleModel[] {
  return resources.of('aws_iam_role').map((one) => {
    const name = text(one, 'name');
    const inline = inlineOf(resources, 'aws_iam_role_policy', 'role', name);
    const attached = attachedTo(resources, 'aws_iam_role_policy_attachment', 'role', name);
    const boundary = text(one, 'permissions_boundary') || one.unknown.has('permissions_boundary');
    return {
      name,
      arn: text(one, 'arn') || resources.iam(`role${text(one, 'path') || '/'}${name}`),
      trust: resources.policyAt(one, 'assume_role_policy', `trust of ${name}`, 'trust'),
      policies: [...attached, ...ownAttached(resources, one, attached), ...inline, ...ownInline(one, inline)],
      boundary: boundary
        ? policyOf(resources, one, resources.resolved(one, 'permissions_boundary', { aws_iam_policy: arnOf(resources) }), 'boundary')
        : undefined,
    };
  });
}

/** The groups with their policies. */
export function readGroups(resources: Resources): { name: string; policies: PolicySource[] }[] {
  return resources.of('aws_iam_group').map((one) => {
    const name = text(one, 'name');
    return {
      name,
      policies: [...attachedTo(resources, 'aws_iam_group_policy_attachment', 'group', name), ...inlineOf(resources, 'aws_iam_group_policy', 'group', name)],
    };
  });
}

const arnOf = (resources: Resources) => (policy: TerraformResource) =>
  text(policy, 'arn') || resources.iam(`policy${text(policy, 'path') || '/'}${text(policy, 'name')}`);

/** A customer managed policy by its ARN. One that is not written out in the JSON may allow anything. */
function policyOf(resources: Resources, holder: TerraformResource, arn: string, attribute: string): PolicySource {
  const found = resources.of('aws_iam_policy').find((one) => arnOf(resources)(one) === arn);
  if (found) return resources.policyAt(found, 'policy', text(found, 'name'), 'identity');
  return { address: holder.address, attribute, name: isUnknown(arn) ? holder.address : arn, kind: 'identity', text: UNKNOWN };
}

function attachedTo(resources: Resources, type: string, owner: string, name: string): PolicySource[] {
  return resources
    .of(type)
    .filter((one) => text(one, owner) === name)
    .map((one) => policyOf(resources, one, resources.resolved(one, 'policy_arn', { aws_iam_policy: arnOf(resources) }), 'policy_arn'));
}

/** What the role itself lists as attached, beside the attachments. */
function ownAttached(resources: Resources, role: TerraformResource, attached: readonly PolicySource[]): PolicySource[] {
  return ((role.values.managed_policy_arns ?? []) as string[])
    .map((arn) => policyOf(resources, role, arn, `managed_policy_arns ${arn}`))
    .filter((policy) => !attached.some(({ name }) => name === policy.name));
}

function inlineOf(resources: Resources, type: string, owner: string, name: string): PolicySource[] {
  return resources
    .of(type)
    .filter((one) => text(one, owner) === name)
    .map((one) => resources.policyAt(one, 'policy', `${name}/${text(one, 'name')}`, 'identity'));
}

/** The policies in blocks of the role itself, beside those that are resources of their own. */
function ownInline(role: TerraformResource, inline: readonly PolicySource[]): PolicySource[] {
  return ((role.values.inline_policy ?? []) as { name?: string; policy?: string }[])
    .filter(({ policy }) => policy)
    .map(({ name = '', policy = '' }): PolicySource => {
      return { address: role.address, attribute: `inline_policy ${name}`, name: `${text(role, 'name')}/${name}`, kind: 'identity', text: policy };
    })
    .filter((policy) => !inline.some(({ name }) => name === policy.name));
}
