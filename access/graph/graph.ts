import { parseArn } from '../../evaluator/arn';
import { fillTemplate } from './arn-template';
import { type AttributeValue, attributeValues, text } from './attributes';
import { kindOf, type NamedKind } from './kinds/kinds';
import { append } from './lists';
import { type Location, type LocationOptions, locationOf } from './location';
import type { TerraformResource } from './terraform-resource';

/** What an attribute that names another resource leads to. */
export type Target =
  | { readonly kind: 'resource'; readonly resource: TerraformResource }
  /** A name or ARN of what is in no file. */
  | { readonly kind: 'named'; readonly value: string }
  /** Known only after apply, and not by the configuration either; or one of several. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** All resources of some documents of Terraform, with where they are and how they name one another. */
export class ResourceGraph {
  readonly location: Location;
  private readonly byIdentifier = new Map<string, TerraformResource[]>();

  /**
   * @param all what {@link resourcesOf} has read, of all documents
   * @throws DeploymentError when an option is not an account or a region
   */
  constructor(
    readonly all: readonly TerraformResource[],
    options: LocationOptions = {},
  ) {
    this.location = locationOf(all, options);
    for (const resource of all) {
      for (const identifier of this.identifiersOf(resource)) append(this.byIdentifier, identifier, resource);
    }
  }

  /** The managed resources, of one type where it is named. */
  of(type?: string): TerraformResource[] {
    return this.all.filter((resource) => resource.mode === 'managed' && (type === undefined || resource.type === type));
  }

  /** The managed resources whose kind does one of some things, with their kind. */
  doing<Does extends string>(...does: readonly Does[]) {
    return this.of().flatMap((resource) => {
      const kind = kindOf(resource.type);
      return kind && does.includes(kind.does as Does) ? [{ resource, kind: kind as Extract<typeof kind, { does: Does }> }] : [];
    });
  }

  /** The ARN of a resource: its own once it is known, otherwise by its name. */
  arnOf(resource: TerraformResource): string {
    const kind = namedKind(resource);
    if (!kind) return text(resource, 'arn') || `unknown-${resource.address}`;
    // The ARN of a log group once ended in a star.
    return text(resource, kind.arnAttribute).replace(/:\*$/, '') || this.fill(kind.arn, resource);
  }

  /** Fills a template of the resource's kind. */
  fill(template: string, resource: TerraformResource, arn?: string): string {
    const { partition } = this.location;
    const account = resource.provider.account ?? this.location.account;
    return fillTemplate(template, resource, { account, region: this.regionOf(resource), partition, ...(arn === undefined ? {} : { arn }) });
  }

  regionOf(resource: TerraformResource): string {
    return text(resource, 'region') || (resource.provider.region ?? this.location.region);
  }

  /** What an attribute names, once for each of its values; nothing when it is not set. */
  targets(resource: TerraformResource, path: string, types: (type: string) => boolean): Target[] {
    return attributeValues(resource, path).flatMap((value) => this.targetsOf(resource, value, types));
  }

  private targetsOf(resource: TerraformResource, value: AttributeValue, types: (type: string) => boolean): Target[] {
    if (value.kind === 'known') {
      return [value.value]
        .flat()
        .filter((name): name is string => typeof name === 'string' && name !== '')
        .map((name) => this.find(name, types, resource) ?? { kind: 'named', value: name });
    }
    const { resolutions } = value;
    if (resolutions.length === 0) return [{ kind: 'unknown', reason: 'it is known only after apply' }];
    return resolutions.map((resolution): Target => {
      if (resolution.kind === 'unresolved') return { kind: 'unknown', reason: `${resolution.reference} is known only after apply` };
      if (resolution.kind === 'constant') {
        const name = typeof resolution.value === 'string' ? resolution.value : '';
        return this.find(name, types, resource) ?? { kind: 'unknown', reason: 'it is known only after apply' };
      }
      const { resource: other, path } = resolution;
      if (types(other.type)) return { kind: 'resource', resource: other };
      const named = other.mode === 'data' ? text(other, path || 'arn') : '';
      return named
        ? (this.find(named, types, resource) ?? { kind: 'named', value: named })
        : { kind: 'unknown', reason: `${other.address} is known only after apply` };
    });
  }

  /** The resource with a name, ARN or other identifier; of several the one in the same place. */
  find(identifier: string, types: (type: string) => boolean, near?: TerraformResource): Target | undefined {
    const found = (this.byIdentifier.get(withoutVersion(identifier)) ?? this.byIdentifier.get(identifier) ?? []).filter(({ type }) => types(type));
    const [first, ...others] = near && found.length > 1 ? this.nearest(found, near) : found;
    if (first === undefined) return undefined;
    if (others.length === 0) return { kind: 'resource', resource: first };
    return { kind: 'unknown', reason: `${identifier} is the name of ${[first, ...others].map(({ address }) => address).join(' and ')}` };
  }

  /** Names repeat in other regions and accounts. */
  private nearest(found: readonly TerraformResource[], near: TerraformResource): readonly TerraformResource[] {
    const same = found.filter((each) => this.regionOf(each) === this.regionOf(near) && each.provider.account === near.provider.account);
    return same.length > 0 ? same : found;
  }

  private identifiersOf(resource: TerraformResource): Set<string> {
    const kind = namedKind(resource);
    if (!kind || resource.mode !== 'managed') return new Set();
    const arn = this.arnOf(resource);
    const known = kind.identifiers.map((template) => this.fill(template, resource, arn));
    return new Set([arn, ...known, text(resource, 'id')].filter((identifier) => identifier !== ''));
  }
}

/** The kind of a resource that has an ARN. */
export function namedKind({ type }: TerraformResource): NamedKind | undefined {
  const kind = kindOf(type);
  return kind && 'arn' in kind ? kind : undefined;
}

/** The ARN of a function without its version or alias. */
function withoutVersion(identifier: string): string {
  const arn = parseArn(identifier);
  if (arn?.service !== 'lambda' || !arn.resource.startsWith('function:')) return identifier;
  return identifier.split(':').slice(0, 7).join(':');
}
