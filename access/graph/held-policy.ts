import { UNKNOWN } from '../../evaluator/unknown';
import type { HeldPolicy } from '../model/access-model';
import { attributeValues } from './attributes';
import type { ResourceGraph } from './graph';
import { documentOfDataSource } from './policy-document';
import type { TerraformResource } from './terraform-resource';

/**
 * A policy with a stable id: `managed/NAME`, `role/ROLE/NAME`, `user/USER/NAME`, `group/GROUP/NAME`, `trust/ROLE`, otherwise what
 * it is the policy of: `queue/NAME`.
 */
export interface IdentifiedPolicy extends HeldPolicy {
  readonly id: string;
}

/** A policy in an attribute of a resource. */
export function heldPolicy(resource: TerraformResource, attribute: string, id: string, kind: HeldPolicy['kind'], text: string): IdentifiedPolicy {
  return { id, address: resource.address, attribute, name: policyName(id), kind, text };
}

/** A policy as people read it. */
function policyName(id: string): string {
  const [holder = '', ...rest] = id.split('/');
  const name = rest.join('/');
  if (holder === 'trust') return `trust of ${name}`;
  return ['managed', 'role', 'user', 'group'].includes(holder) ? name : `policy of ${holder} ${name}`;
}

/** The trust policy of a role. */
export function trustPolicyOf(graph: ResourceGraph, role: TerraformResource, attribute: string, name: string): IdentifiedPolicy {
  return heldPolicy(role, attribute, `trust/${name}`, 'trust', policyTextOf(graph, role, attribute) ?? UNKNOWN);
}

/**
 * The text of a policy in an attribute; UNKNOWN when it is known only after apply and cannot be told from the configuration
 * either; `undefined` when there is none.
 */
export function policyTextOf(graph: ResourceGraph, resource: TerraformResource, attribute: string): string | undefined {
  const [value, ...more] = attributeValues(resource, attribute);
  if (value === undefined) return undefined;
  if (more.length > 0) return UNKNOWN;
  if (value.kind === 'known') return textOf(value.value);
  const [resolution, ...others] = value.resolutions;
  // What AWS puts in place where the configuration says nothing is not a policy of the configuration.
  if (resolution === undefined) return resource.isConfigured && resource.expressions[attribute] === undefined ? undefined : UNKNOWN;
  if (others.length > 0 || resolution.kind !== 'resource' || resolution.resource.type !== 'aws_iam_policy_document') return UNKNOWN;
  return documentOfDataSource(graph, resolution.resource);
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? undefined : text;
}
