import { text } from './attributes';
import type { TerraformResource } from './terraform-resource';

/**
 * What stands in an ARN for a part that only an apply will tell: nothing else has it, so a pattern matches it only by a
 * wildcard.
 */
const symbolic = (address: string): string => `unknown-${encodeURIComponent(address).replaceAll('*', '%2A')}`;

/**
 * Fills the `{attribute}`s of a template with those of a resource; see kinds.ts for its form.
 *
 * @param known what does not come from attributes: account, region, partition, arn
 */
export function fillTemplate(template: string, resource: TerraformResource, known: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)(?::(\w+))?\}/g, (_placeholder, name: string, filter: string | undefined) => {
    const value = known[name] ?? nameIn(resource, name);
    return filter === undefined ? value : filtered(value, filter);
  });
}

/** An attribute in a name: also where only its prefix is known, or nothing. */
function nameIn(resource: TerraformResource, attribute: string): string {
  const value = text(resource, attribute);
  if (value !== '') return value;
  if (attribute === 'path') return '/';
  if (attribute === 'event_bus_name') return '';
  const prefix = text(resource, attribute === 'bucket' ? 'bucket_prefix' : `${attribute}_prefix`);
  return `${prefix}${symbolic(resource.address)}`;
}

function filtered(value: string, filter: string): string {
  if (filter === 'relative') return value.replace(/^https?:\/\/|^\//, '');
  const last = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf(':')) + 1);
  if (filter === 'last') return last;
  return last === '' || last === 'default' ? '' : `${last}/`;
}
