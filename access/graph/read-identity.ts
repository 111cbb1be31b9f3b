import { UNKNOWN } from '../../evaluator/unknown';
import type { AccessReader } from './access-reader';
import { text } from './attributes';
import type { Deployment, RoleModel } from './deployment';
import type { Target } from './graph';
import { trustPolicyOf } from './held-policy';
import { policySourceOf } from './policy-source';

/** The roles with their trust, their policies, wherever these are written, and their boundary. */
export function readRoles({ graph, identityPolicies, names }: AccessReader): RoleModel[] {
  return graph.doing('role').map(({ resource, kind }) => {
    const boundary = identityPolicies.boundaryOf(resource);
    return {
      name: text(resource, 'name'),
      arn: graph.arnOf(resource),
      trust: policySourceOf(trustPolicyOf(graph, resource, kind.policy.attribute, names.of(resource))),
      policies: identityPolicies.of(resource).map(policySourceOf),
      boundary: boundary && policySourceOf(boundary),
    };
  });
}

/** The groups with their policies. */
export function readGroups({ graph, identityPolicies }: AccessReader): Deployment['groups'] {
  return graph.doing('group').map(({ resource }) => ({ name: text(resource, 'name'), policies: identityPolicies.of(resource).map(policySourceOf) }));
}

/** Which users are in which groups, by names. */
export function readMemberships({ memberships }: AccessReader): Deployment['memberships'] {
  return memberships.all.map(({ user, group }) => ({ user: nameOf(user), group: nameOf(group) }));
}

function nameOf(target: Target): string {
  if (target.kind === 'unknown') return UNKNOWN;
  return target.kind === 'named' ? target.value : text(target.resource, 'name') || UNKNOWN;
}
