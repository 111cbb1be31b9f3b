import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import { policyLabel } from '../matrix/id-labels';
import type { PolicyId } from '../matrix/ids';
import { isAfterApply, text } from './attributes';
import type { PolicySource, RoleModel } from './deployment';
import type { Resources } from './resources';
import type { TerraformResource } from './terraform-resource';

/** The roles with their trust, their policies, wherever these are written, and their boundary. */
export function readRoles(resources: Resources): RoleModel[] {
  return resources.of('aws_iam_role').map((role) => {
    const name = text(role, 'name');
    const inline = inlineOf(resources, 'aws_iam_role_policy', 'role', name);
    const attached = attachedTo(resources, 'aws_iam_role_policy_attachment', 'role', name);
    const boundary = text(role, 'permissions_boundary') || isAfterApply(role, 'permissions_boundary');
    return {
      name,
      arn: text(role, 'arn') || resources.iam(`role${text(role, 'path') || '/'}${name}`),
      trust: resources.policySource(role, 'assume_role_policy', `trust/${name}`, 'trust'),
      policies: [...attached, ...ownAttached(resources, role, attached), ...inline, ...ownInline(role, inline)],
      boundary: boundary
        ? policyOf(resources, role, resources.resolved(role, 'permissions_boundary', { aws_iam_policy: arnOf(resources) }), 'boundary')
        : undefined,
    };
  });
}

/** The groups with their policies. */
export function readGroups(resources: Resources): { name: string; policies: PolicySource[] }[] {
  return resources.of('aws_iam_group').map((group) => {
    const name = text(group, 'name');
    return {
      name,
      policies: [...attachedTo(resources, 'aws_iam_group_policy_attachment', 'group', name), ...inlineOf(resources, 'aws_iam_group_policy', 'group', name)],
    };
  });
}

/** Who has a policy, as the attribute of attachments and inline policies that names it. */
type Owner = 'role' | 'group';

const arnOf = (resources: Resources) => (policy: TerraformResource) =>
  text(policy, 'arn') || resources.iam(`policy${text(policy, 'path') || '/'}${text(policy, 'name')}`);

/** A customer managed policy by its ARN. One that is not written out in the JSON may allow anything. */
function policyOf(resources: Resources, holder: TerraformResource, arn: string, attribute: string): PolicySource {
  const policy = resources.of('aws_iam_policy').find((candidate) => arnOf(resources)(candidate) === arn);
  if (policy) return resources.policySource(policy, 'policy', `managed/${text(policy, 'name')}`, 'identity');
  const id: PolicyId = `managed/${isUnknown(arn) ? holder.address : arn}`;
  return { id, address: holder.address, attribute, name: policyLabel(id), kind: 'identity', text: UNKNOWN };
}

function attachedTo(resources: Resources, type: string, owner: Owner, name: string): PolicySource[] {
  return resources
    .of(type)
    .filter((attachment) => text(attachment, owner) === name)
    .map((attachment) => policyOf(resources, attachment, resources.resolved(attachment, 'policy_arn', { aws_iam_policy: arnOf(resources) }), 'policy_arn'));
}

/** What the role itself lists as attached, in addition to the attachments. */
function ownAttached(resources: Resources, role: TerraformResource, attached: readonly PolicySource[]): PolicySource[] {
  return ((role.values.managed_policy_arns ?? []) as string[])
    .map((arn) => policyOf(resources, role, arn, `managed_policy_arns ${arn}`))
    .filter((policy) => !attached.some(({ id }) => id === policy.id));
}

function inlineOf(resources: Resources, type: string, owner: Owner, name: string): PolicySource[] {
  return resources
    .of(type)
    .filter((inline) => text(inline, owner) === name)
    .map((inline) => resources.policySource(inline, 'policy', `${owner}/${name}/${text(inline, 'name')}`, 'identity'));
}

/** The policies in blocks of the role itself, in addition to those that are resources of their own. */
function ownInline(role: TerraformResource, inline: readonly PolicySource[]): PolicySource[] {
  return ((role.values.inline_policy ?? []) as { name?: string; policy?: string }[])
    .filter(({ policy }) => policy)
    .map(({ name = '', policy = '' }): PolicySource => {
      const id: PolicyId = `role/${text(role, 'name')}/${name}`;
      return { id, address: role.address, attribute: `inline_policy ${name}`, name: policyLabel(id), kind: 'identity', text: policy };
    })
    .filter((policy) => !inline.some(({ id }) => id === policy.id));
}

/** Which users are in which groups. Source: the resource lists all groups that it puts its user into. */
export function readMemberships(resources: Resources): { user: string; group: string }[] {
  return resources.of('aws_iam_user_group_membership').flatMap((membership) => {
    const groups = Array.isArray(membership.values.groups) ? membership.values.groups.map(String) : [UNKNOWN];
    return groups.map((group) => ({ user: text(membership, 'user') || UNKNOWN, group }));
  });
}
