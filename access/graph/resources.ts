import { formatArn } from '../../evaluator/arn';
import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import { policyLabel } from '../matrix/id-labels';
import type { PolicyId } from '../matrix/ids';
import { isAfterApply, resolutionsOf, text } from './attributes';
import type { PolicySource } from './deployment';
import { DeploymentError } from './deployment-error';
import type { TerraformResource } from './terraform-resource';

/** How a resource of each type is named, for references to it. */
type Names = Readonly<Record<string, (resource: TerraformResource) => string>>;

/**
 * Terraform's resources, with the account and region that they are deployed to; ARNs that are not known yet
 * follow from names.
 */
export class Resources {
  readonly account: string;
  readonly region: string;
  readonly partition: string;

  constructor(private readonly all: readonly TerraformResource[]) {
    const data = (type: string) => all.find((resource) => resource.type === type);
    this.account = text(data('aws_caller_identity'), 'account_id');
    this.region = regionOf(all, this.account);
    this.partition = text(data('aws_partition'), 'partition') || 'aws';
    if (!this.account || !this.region) {
      throw new DeploymentError('The JSON names no account (data aws_caller_identity) or no region; give that of all three stacks');
    }
  }

  /** The managed resources, of one type where it is named. */
  of(type?: string): TerraformResource[] {
    return this.all.filter((resource) => resource.mode === 'managed' && (type === undefined || resource.type === type));
  }

  iam(resource: string): string {
    return formatArn({ partition: this.partition, service: 'iam', region: '', account: this.account, resource });
  }

  regional(service: string, resource: string): string {
    return formatArn({ partition: this.partition, service, region: this.region, account: this.account, resource });
  }

  /** A policy in an attribute; unknown when it is known only after apply. */
  policySource(resource: TerraformResource, attribute: string, id: PolicyId, kind: PolicySource['kind']): PolicySource {
    return {
      id,
      address: resource.address,
      attribute,
      name: policyLabel(id),
      kind,
      text: isAfterApply(resource, attribute) ? UNKNOWN : text(resource, attribute),
    };
  }

  /** A value that is unknown until apply, but follows from the name of the resource that it refers to. */
  resolved(resource: TerraformResource, attribute: string, types: Names): string {
    const value = text(resource, attribute);
    if (value) return value;
    for (const resolution of resolutionsOf(resource, attribute)) {
      const name = resolution.kind === 'resource' && types[resolution.resource.type]?.(resolution.resource);
      if (name) return name;
    }
    return UNKNOWN;
  }

  keyArn(key: TerraformResource): string {
    return text(key, 'arn') || this.regional('kms', `key/unknown-${key.address}`);
  }

  /**
   * The ARN of the key that an attribute names, by ARN, id or alias; nothing when there is none. An AWS managed key has the
   * ARN of its alias; one that is in no file is unknown, unless its ARN is given.
   */
  keyOf(resource: TerraformResource, attribute: string): string | undefined {
    if (!text(resource, attribute) && !isAfterApply(resource, attribute)) return undefined;
    return this.keyArnOf(this.resolved(resource, attribute, { aws_kms_key: (key) => this.keyArn(key), aws_kms_alias: (alias) => text(alias, 'name') }));
  }

  private keyArnOf(reference: string): string {
    const alias = /(?:^|:)(alias\/.+)$/.exec(reference)?.[1];
    if (alias === undefined) {
      if (reference.startsWith('arn:') || isUnknown(reference)) return reference;
      const key = this.of('aws_kms_key').find((candidate) => text(candidate, 'key_id') === reference);
      return key ? this.keyArn(key) : UNKNOWN;
    }
    if (alias.startsWith('alias/aws/')) return this.regional('kms', alias);
    const target = this.of('aws_kms_alias').find((candidate) => text(candidate, 'name') === alias);
    return target ? this.keyArnOf(this.resolved(target, 'target_key_id', { aws_kms_key: (key) => this.keyArn(key) })) : UNKNOWN;
  }
}

/** The region of what is deployed; a stack without regional resources has it in the ARNs of its policies. */
function regionOf(resources: readonly TerraformResource[], account: string): string {
  const regional = resources.find(({ mode, values }) => mode === 'managed' && typeof values.region === 'string');
  if (regional) return text(regional, 'region');
  const named = resources.flatMap(({ values }) => Object.values(values)).filter((value) => typeof value === 'string');
  return (
    named
      .map((value) => new RegExp(`arn:[^:"]+:(?:sqs|kms|dynamodb|lambda):([a-z0-9-]+):${account}:`).exec(value)?.[1])
      .find((region) => region !== undefined) ?? ''
  );
}
