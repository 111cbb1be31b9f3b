import { UNKNOWN } from '../../evaluator/unknown';
import { attributeValues, isKnown } from './attributes';
import { namedKind, type ResourceGraph } from './graph';
import type { Resolution } from './references';
import type { TerraformResource } from './terraform-resource';

/** The ARN of what a reference names, where it names nothing but the ARN. */
export function arnOfReference(graph: ResourceGraph, reference: Resolution): string | undefined {
  if (reference.kind !== 'resource' || reference.path !== 'arn') return undefined;
  const { resource } = reference;
  return namedKind(resource) && resource.mode === 'managed' ? graph.arnOf(resource) : undefined;
}

/** Whether a reference names a resource of which parts have ARNs of their own: what it stands for may be such a part. */
export function hasParts(reference: Resolution): boolean {
  const kind = reference.kind === 'resource' ? namedKind(reference.resource) : undefined;
  return kind?.does === 'resource' && kind.parts.length > 0;
}

/**
 * An attribute as text; empty when it is not set. One that is known only after apply is the ARN that its configuration refers
 * to, where that is all that it can be, and UNKNOWN otherwise.
 */
export function textOrArn(graph: ResourceGraph, resource: TerraformResource, attribute: string): string {
  const [value] = attributeValues(resource, attribute);
  if (value === undefined) return '';
  if (value.kind === 'known') return String(value.value);
  const [reference, ...others] = value.resolutions.filter((each) => !isKnown(each));
  // What is computed, and not set by the configuration, is AWS's own: nothing.
  if (value.resolutions.length === 0) return resource.isConfigured && resource.expressions[attribute] === undefined ? '' : UNKNOWN;
  return (reference && others.length === 0 && !hasParts(reference) ? arnOfReference(graph, reference) : undefined) ?? UNKNOWN;
}
