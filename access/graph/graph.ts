import { parseArn } from '../../evaluator/arn';
import { fillTemplate } from './arn-template';
import { type AttributeValue, attributeValues, isKnown, text } from './attributes';
import { kindOf, type NamedKind } from './kinds/kinds';
import { append } from './lists';
import { type Location, type LocationOptions, locationOf } from './location';
import type { Resolution } from './references';
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
    return attributeValues(resource, path).flatMap((value) => this.targetsOf(resource, path, value, types));
  }

  private targetsOf(resource: TerraformResource, path: string, value: AttributeValue, types: (type: string) => boolean): Target[] {
    if (value.kind === 'known') {
      return [value.value]
        .flat()
        .filter((name): name is string => typeof name === 'string' && name !== '')
        .map((name) => this.find(name, types, resource) ?? { kind: 'named', value: name });
    }
    // What is known is not why the whole is unknown.
    const open = value.resolutions.filter((resolution) => !isKnown(resolution));
    const names = [...new Set(open.map(nameOf))];
    if (names.length === 0) return [UNKNOWN_TARGET];
    if (names.length > 1 && !isPlural(path)) return [{ kind: 'unknown', reason: `it is one of ${names.join(' and ')}, known only after apply` }];
    return open.map((resolution) => this.targetOf(resource, resolution, types));
  }

  private targetOf(near: TerraformResource, resolution: Resolution, types: (type: string) => boolean): Target {
    if (resolution.kind !== 'resource') return { kind: 'unknown', reason: `${nameOf(resolution)} is known only after apply` };
    const { resource, path } = resolution;
    if (resource.mode === 'managed' && types(resource.type)) return { kind: 'resource', resource };
    const named = resource.mode === 'data' ? text(resource, path || 'arn') : '';
    return named
      ? (this.find(named, types, near) ?? { kind: 'named', value: named })
      : { kind: 'unknown', reason: `${resource.address} is known only after apply` };
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

const UNKNOWN_TARGET: Target = { kind: 'unknown', reason: 'it is known only after apply' };

/** Attributes with several values are called in the plural. */
const isPlural = (path: string) => path.endsWith('s');

function nameOf(resolution: Resolution): string {
  if (resolution.kind === 'resource') return resolution.resource.address;
  return resolution.kind === 'unresolved' ? resolution.reference : 'a constant';
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
