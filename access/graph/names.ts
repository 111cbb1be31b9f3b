import { text } from './attributes';
import { namedKind, type ResourceGraph } from './graph';
import type { KeyReferences } from './key-references';
import type { TerraformResource } from './terraform-resource';

/** What people call resources: a key by its alias, others by their name, those without by their address. */
export class ResourceNames {
  private readonly aliases = new Map<TerraformResource, string>();

  constructor(graph: ResourceGraph, keys: KeyReferences) {
    for (const { resource, kind } of graph.doing('alias')) {
      const key = keys.keyOf(resource, kind.of);
      const name = text(resource, kind.name).replace(/^alias\//, '');
      if (key && name && !this.aliases.has(key)) this.aliases.set(key, name);
    }
  }

  of(resource: TerraformResource): string {
    const kind = namedKind(resource);
    if (kind?.does === 'key') return this.aliases.get(resource) ?? resource.address;
    return (kind && text(resource, kind.name)) || resource.address;
  }
}
