import { attributeValues, text } from './attributes';
import { namedKind, type ResourceGraph, type Target } from './graph';
import { kindOf } from './kinds/kinds';
import type { TerraformResource } from './terraform-resource';

/** What passes data on, or lets somebody act, without a policy that says so. */
export interface Connection {
  /** Of the resource that makes it. */
  readonly address: string;
  /** A sentence: `topic orders is sent on to queue billing`. */
  readonly text: string;
}

/** Everything that passes data on, gives credentials, or runs with a role, and the keys that nobody can use. */
export function connectionsOf(graph: ResourceGraph): Connection[] {
  const links = graph.doing('link').map(({ resource, kind }): Connection => {
    const [from, to] = [namesIn(graph, resource, [kind.from]), namesIn(graph, resource, kind.to)];
    return { address: resource.address, text: [from, kind.verb, to].filter(Boolean).join(' ') };
  });
  const running = graph.doing('resource').flatMap(({ resource, kind }): Connection[] => {
    const role = kind.runsAs === undefined ? '' : namesIn(graph, resource, [kind.runsAs]);
    return role ? [{ address: resource.address, text: `${nameOf(resource)} runs as ${role}` }] : [];
  });
  const disabled = graph
    .doing('key')
    .filter(({ resource, kind }) => resource.values[kind.enabled] === false)
    .map(({ resource }): Connection => ({ address: resource.address, text: `${nameOf(resource)} is disabled: nobody can use it, whatever its policy says` }));
  return [...links, ...running, ...disabled];
}

function namesIn(graph: ResourceGraph, resource: TerraformResource, paths: readonly string[]): string {
  const isNamed = (type: string) => 'arn' in (kindOf(type) ?? {});
  const names = paths.flatMap((path) => {
    const targets = graph.targets(resource, path, isNamed);
    return targets.length > 0 ? targets.map(targetText) : attributeValues(resource, path).map(() => '(known after apply)');
  });
  return [...new Set(names)].join(', ');
}

function targetText(target: Target): string {
  if (target.kind === 'resource') return nameOf(target.resource);
  return target.kind === 'named' ? target.value : '(known after apply)';
}

function nameOf(resource: TerraformResource): string {
  const kind = namedKind(resource);
  const name = kind && kind.does !== 'key' ? text(resource, kind.name) : '';
  return `${kind?.noun ?? resource.type} ${name || resource.address}`;
}
