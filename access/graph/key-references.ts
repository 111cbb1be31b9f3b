import { formatArn } from '../../evaluator/arn';
import { UNKNOWN } from '../../evaluator/unknown';
import { attributeValues, text } from './attributes';
import type { ResourceGraph, Target } from './graph';
import type { Report } from './identity-policies';
import { kindOf } from './kinds/kinds';
import type { TerraformResource } from './terraform-resource';

/** A key that AWS manages for a service, such as `alias/aws/sqs`. */
export interface AwsManagedKey {
  readonly alias: string;
  readonly region: string;
  /** The ARN of its alias: that of the key is not known. */
  readonly arn: string;
}

/** What encrypts a resource where it names no key itself: see `defaultKey` of the kinds. */
interface DefaultKey {
  readonly attribute?: string;
  readonly equals?: string;
  readonly alias: string;
}

const isKeyOrAlias = (type: string) => ['key', 'alias'].includes(kindOf(type)?.does ?? '');
const isKey = (type: string) => kindOf(type)?.does === 'key';
/** An alias of an alias is none; a configuration that says so ends here. */
const ALIASES = 5;

/** Finds the keys that attributes name by id, ARN, name of an alias or ARN of an alias. */
export class KeyReferences {
  /** The keys of AWS that were named, by ARN. */
  readonly awsManaged = new Map<string, AwsManagedKey>();

  constructor(
    private readonly graph: ResourceGraph,
    private readonly report: Report,
  ) {}

  /**
   * The ARNs of the keys that attributes name; UNKNOWN for one that cannot be found.
   *
   * @param standard what encrypts the resource where they name none
   */
  of(resource: TerraformResource, paths: readonly string[], standard?: DefaultKey): string[] {
    const named = paths.flatMap((path) =>
      this.targets(resource, path).map((target) => this.arnOf(resource, target, (reason) => this.report(resource, `its key, by ${path}: ${reason}`))),
    );
    if (named.length > 0 || standard === undefined) return [...new Set(named)];
    const { attribute, equals, alias } = standard;
    if (attribute === undefined) return [this.awsManagedKey(resource, alias)];
    const values = attributeValues(resource, attribute);
    if (values.some((value) => value.kind === 'unknown')) return [UNKNOWN];
    return values.some((value) => value.kind === 'known' && String(value.value) === equals) ? [this.awsManagedKey(resource, alias)] : [];
  }

  /** The key that an attribute of an alias, a grant or a key policy names. */
  keyOf(resource: TerraformResource, path: string, depth = 0): TerraformResource | undefined {
    const [target] = this.graph.targets(resource, path, isKeyOrAlias);
    if (target?.kind !== 'resource') return undefined;
    if (isKey(target.resource.type)) return target.resource;
    return depth < ALIASES ? this.keyOf(target.resource, 'target_key_id', depth + 1) : undefined;
  }

  /** A key that is computed, and that the configuration does not set, is that of AWS; an empty text is none. */
  private targets(resource: TerraformResource, path: string): Target[] {
    const [first = ''] = path.split('.');
    const isUnset = resource.isConfigured && resource.expressions[first] === undefined;
    return isUnset && resource.unknown[first] === true ? [] : this.graph.targets(resource, path, isKeyOrAlias);
  }

  private arnOf(resource: TerraformResource, target: Target, fail: (reason: string) => void, depth = 0): string {
    if (target.kind === 'unknown') {
      fail(target.reason);
      return UNKNOWN;
    }
    if (target.kind === 'named') return this.arnOfName(resource, target.value, fail);
    const { resource: other } = target;
    if (isKey(other.type)) return this.graph.arnOf(other);
    const [next] = this.graph.targets(other, 'target_key_id', isKeyOrAlias);
    if (next && depth < ALIASES) return this.arnOf(other, next, fail, depth + 1);
    fail(`${other.address} names no key`);
    return UNKNOWN;
  }

  /** A key that is in no file has the ARN that it is named by; by id or alias nothing more is known of it. */
  private arnOfName(resource: TerraformResource, name: string, fail: (reason: string) => void): string {
    const alias = /(?:^|:)(alias\/.+)$/.exec(name)?.[1];
    if (alias?.startsWith('alias/aws/')) return this.awsManagedKey(resource, alias);
    const data = this.graph.all.find(
      (candidate) =>
        candidate.mode === 'data' && candidate.type === 'aws_kms_alias' && ['name', 'arn', 'id'].some((attribute) => text(candidate, attribute) === name),
    );
    const ofData = data && text(data, 'target_key_arn');
    const found = ofData ? this.graph.find(ofData, isKey) : undefined;
    if (found?.kind === 'resource') return this.graph.arnOf(found.resource);
    fail(`${name} is in no file: give the plan or state that has the key`);
    if (ofData) return ofData;
    return alias === undefined && name.startsWith('arn:') ? name : UNKNOWN;
  }

  private awsManagedKey(resource: TerraformResource, alias: string): string {
    const { account, partition } = this.graph.location;
    const region = this.graph.regionOf(resource);
    const arn = formatArn({ partition, service: 'kms', region, account, resource: alias });
    this.awsManaged.set(arn, { alias, region, arn });
    return arn;
  }
}
