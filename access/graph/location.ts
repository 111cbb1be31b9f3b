import { parseArn } from '../../evaluator/arn';
import { text } from './attributes';
import { DeploymentError } from './deployment-error';
import { kindOf } from './kinds/kinds';
import type { TerraformResource } from './terraform-resource';

/** Where a deployment is, and what says so. */
export interface Location {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** What is assumed, because the JSON does not tell it; each with what to give. */
  readonly assumed: readonly string[];
}

/** What people say about where a deployment is; it counts where the JSON does not tell it. */
export interface LocationOptions {
  readonly account?: string;
  readonly region?: string;
}

const PLACEHOLDER_ACCOUNT = '000000000000';
const PLACEHOLDER_REGION = 'unknown-region';

/**
 * Where resources are deployed: by data aws_caller_identity and aws_region, by the configuration of their provider, or by the
 * ARNs of the resources themselves. ARNs in policies do not count: they may be of others.
 *
 * @throws DeploymentError when an option is not an account or a region
 */
export function locationOf(resources: readonly TerraformResource[], { account: given, region: givenRegion }: LocationOptions = {}): Location {
  if (given !== undefined && !/^\d{12}$/.test(given)) throw new DeploymentError(`${given} is not an account: it has twelve digits`);
  if (givenRegion !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(givenRegion))
    throw new DeploymentError(`${givenRegion} is not a region, such as eu-west-1`);
  const managed = resources.filter(({ mode }) => mode === 'managed');
  const ofData = (type: string, attribute: string) => firstOf(resources, (resource) => (resource.type === type ? text(resource, attribute) : ''));
  const arns = managed.filter(hasOwnArn).flatMap((resource) => parseArn(text(resource, 'arn')) ?? []);
  const ofArns = (member: 'partition' | 'region' | 'account') => firstOf(arns, (arn) => arn[member]);
  const account = ofData('aws_caller_identity', 'account_id') || firstOf(managed, ({ provider }) => provider.account ?? '') || ofArns('account') || given;
  const region =
    firstOf(managed, (resource) => text(resource, 'region')) ||
    firstOf(managed, ({ provider }) => provider.region ?? '') ||
    ofData('aws_region', 'region') ||
    ofData('aws_region', 'name') ||
    ofArns('region') ||
    regionNamed(managed, account) ||
    givenRegion;
  const assumed = [
    ...(account ? [] : [`the account is ${PLACEHOLDER_ACCOUNT}, because the JSON does not tell it: give --account`]),
    ...(region ? [] : [`the region is ${PLACEHOLDER_REGION}, because the JSON does not tell it: give --region`]),
  ];
  return {
    account: account || PLACEHOLDER_ACCOUNT,
    region: region || PLACEHOLDER_REGION,
    partition: ofData('aws_partition', 'partition') || ofArns('partition') || partitionOf(region || ''),
    assumed,
  };
}

/** The attribute `arn` of a topic policy or an event target is that of another resource, which may be anywhere. */
function hasOwnArn({ type }: TerraformResource): boolean {
  const kind = kindOf(type);
  return kind === undefined || 'arn' in kind;
}

/** The ARNs of a region have the partition that it is in. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** A stack without regional resources has its region in the ARNs that its policies name of its own account. */
function regionNamed(resources: readonly TerraformResource[], account: string | undefined): string {
  if (!account) return '';
  const named = new RegExp(`arn:[^:"]+:(?:sqs|kms|dynamodb|lambda):([a-z0-9-]+):${account}:`);
  return firstOf(resources, ({ values }) => firstOf(Object.values(values), (value) => (typeof value === 'string' ? (named.exec(value)?.[1] ?? '') : '')));
}

function firstOf<Item>(items: readonly Item[], read: (item: Item) => string): string {
  for (const item of items) {
    const value = read(item);
    if (value !== '') return value;
  }
  return '';
}
