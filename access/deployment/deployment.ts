import { compilePolicy, type Policy, type PolicyKind } from '../policy/compile';
import { UNKNOWN } from '../unknown';
import type { TerraformResource } from './terraform-json';

/** A policy with the place it stands at, so that it can be changed and read again. */
export interface PolicyAt {
  /** Address of the resource that holds it, and the attribute. */
  readonly address: string;
  readonly attribute: string;
  readonly name: string;
  readonly kind: PolicyKind;
  /** JSON text; UNKNOWN when only an apply will tell. */
  readonly text: string;
}

/** A role with what it may do and who may assume it. */
export interface RoleModel {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyAt;
  readonly policies: readonly PolicyAt[];
}

/** A queue or table: its key, and the policy that stands on it. */
export interface StoreModel {
  readonly name: string;
  readonly arn: string;
  readonly keyArn?: string;
  readonly policy?: PolicyAt;
  /** On a queue, the ARN of its dead-letter queue. */
  readonly deadLetterArn?: string;
}

/** A table, with what else keeps its items from being lost. */
export interface TableModel extends StoreModel {
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
}

/** A key under the last part of its alias. */
export interface KeyModel {
  readonly name: string;
  readonly arn: string;
  readonly policy: PolicyAt;
  readonly rotation: boolean;
  readonly rotationDays: number;
  readonly deletionDays: number;
}

/** Everything deployed that access depends on, from Terraform's own JSON. */
export interface Deployment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Common prefix of all names, with its hyphen. */
  readonly prefix: string;
  readonly roles: readonly RoleModel[];
  readonly groups: readonly { readonly name: string; readonly policies: readonly PolicyAt[] }[];
  /** Names of deployed users. */
  readonly users: readonly string[];
  readonly keys: readonly KeyModel[];
  readonly queues: readonly StoreModel[];
  readonly tables: readonly TableModel[];
  readonly functions: readonly { readonly name: string; readonly arn: string; readonly roleArn: string }[];
  readonly logGroups: readonly { readonly name: string; readonly arn: string; readonly keyArn?: string }[];
}

/** Terraform's JSON does not describe a deployment that can be decided about. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

/** Reads a deployment from the resources of all its stacks. */
export function readDeployment(resources: readonly TerraformResource[]): Deployment {
  const of = (type: string) => resources.filter((one) => one.mode === 'managed' && one.type === type);
  const account = String(resources.find((one) => one.type === 'aws_caller_identity')?.values.account_id ?? '');
  const region = regionOf(resources, account);
  const partition = String(resources.find((one) => one.type === 'aws_partition')?.values.partition ?? 'aws');
  if (!account || !region) throw new DeploymentError('The JSON names no account (data aws_caller_identity) or no region; give that of all three stacks');
  const iam = (resource: string) => `arn:${partition}:iam::${account}:${resource}`;
  const regional = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const at = (resource: TerraformResource, attribute: string, name: string, kind: PolicyKind): PolicyAt => ({
    address: resource.address,
    attribute,
    name,
    kind,
    text: resource.unknown.has(attribute) ? UNKNOWN : text(resource, attribute),
  });
  /** A value that is unknown until apply, but refers to a resource whose name tells it. */
  const resolved = (resource: TerraformResource, attribute: string, types: Readonly<Record<string, (found: TerraformResource) => string>>): string => {
    const value = text(resource, attribute);
    if (value) return value;
    for (const reference of resource.references[attribute] ?? []) {
      const found = resources.find((one) => one.address === reference.split('.').slice(0, 2).join('.'));
      const name = found && types[found.type]?.(found);
      if (name) return name;
    }
    return UNKNOWN;
  };
  const policyArn = (one: TerraformResource) => text(one, 'arn') || iam(`policy${text(one, 'path') || '/'}${text(one, 'name')}`);
  const managed = new Map(of('aws_iam_policy').map((one) => [policyArn(one), at(one, 'policy', text(one, 'name'), 'identity')]));
  const attachedTo = (role: string) =>
    of('aws_iam_role_policy_attachment')
      .filter((one) => text(one, 'role') === role)
      .map((one): PolicyAt => {
        const arn = resolved(one, 'policy_arn', { aws_iam_policy: policyArn });
        // A policy that is attached but not written out may allow anything.
        return (
          managed.get(arn) ?? { address: one.address, attribute: 'policy_arn', name: arn === UNKNOWN ? one.address : arn, kind: 'identity', text: UNKNOWN }
        );
      });
  const inlineOf = (type: string, owner: string, name: string) =>
    of(type)
      .filter((one) => text(one, owner) === name)
      .map((one) => at(one, 'policy', `${name}/${text(one, 'name')}`, 'identity'));
  const keyArnOf = (one: TerraformResource) => text(one, 'arn') || regional('kms', `key/unknown-${one.address}`);
  const aliases = of('aws_kms_alias');
  const keys = of('aws_kms_key').map((one): KeyModel => {
    const alias = aliases.find((found) =>
      text(found, 'target_key_id') ? text(found, 'target_key_id') === text(one, 'key_id') : refersTo(found, 'target_key_id', one),
    );
    const name = alias ? text(alias, 'name').replace(/^alias\//, '') : one.address;
    return {
      name,
      arn: keyArnOf(one),
      policy: at(one, 'policy', `policy of key ${name}`, 'key'),
      rotation: one.values.enable_key_rotation === true,
      rotationDays: Number(one.values.rotation_period_in_days ?? 365),
      deletionDays: Number(one.values.deletion_window_in_days ?? 30),
    };
  });
  const keyOf = (one: TerraformResource, attribute: string) =>
    text(one, attribute) || one.unknown.has(attribute) ? resolved(one, attribute, { aws_kms_key: keyArnOf }) : undefined;
  const queues = of('aws_sqs_queue').map((one): StoreModel => {
    const name = text(one, 'name');
    const policy = of('aws_sqs_queue_policy').find((found) => text(found, 'queue_url').endsWith(`/${name}`) || refersTo(found, 'queue_url', one));
    const redrive = text(one, 'redrive_policy');
    return {
      name,
      arn: text(one, 'arn') || regional('sqs', name),
      keyArn: keyOf(one, 'kms_master_key_id'),
      policy: policy && at(policy, 'policy', `policy of queue ${name}`, 'resource'),
      deadLetterArn: redrive ? (JSON.parse(redrive) as { deadLetterTargetArn: string }).deadLetterTargetArn : undefined,
    };
  });
  const tables = of('aws_dynamodb_table').map((one): TableModel => {
    const name = text(one, 'name');
    const arn = text(one, 'arn') || regional('dynamodb', `table/${name}`);
    const policy = of('aws_dynamodb_resource_policy').find((found) => text(found, 'resource_arn') === arn || refersTo(found, 'resource_arn', one));
    const [encryption] = (one.values.server_side_encryption ?? []) as { enabled?: boolean; kms_key_arn?: string }[];
    const [recovery] = (one.values.point_in_time_recovery ?? []) as { enabled?: boolean }[];
    return {
      name,
      arn,
      keyArn: encryption?.enabled ? encryption.kms_key_arn || UNKNOWN : undefined,
      policy: policy && at(policy, 'policy', `policy of table ${name}`, 'resource'),
      deletionProtection: one.values.deletion_protection_enabled === true,
      pointInTimeRecovery: recovery?.enabled === true,
    };
  });
  return {
    account,
    region,
    partition,
    prefix: prefixOf(of('aws_iam_role').map((one) => text(one, 'name'))),
    roles: of('aws_iam_role').map((one) => {
      const name = text(one, 'name');
      return {
        name,
        arn: text(one, 'arn') || iam(`role${text(one, 'path') || '/'}${name}`),
        trust: at(one, 'assume_role_policy', `trust of ${name}`, 'trust'),
        policies: [...attachedTo(name), ...inlineOf('aws_iam_role_policy', 'role', name)],
      };
    }),
    groups: of('aws_iam_group').map((one) => ({ name: text(one, 'name'), policies: inlineOf('aws_iam_group_policy', 'group', text(one, 'name')) })),
    users: of('aws_iam_user').map((one) => text(one, 'name')),
    keys,
    queues,
    tables,
    functions: of('aws_lambda_function').map((one) => ({
      name: text(one, 'function_name'),
      arn: text(one, 'arn') || regional('lambda', `function:${text(one, 'function_name')}`),
      roleArn: text(one, 'role'),
    })),
    logGroups: of('aws_cloudwatch_log_group').map((one) => ({
      name: text(one, 'name'),
      arn: regional('logs', `log-group:${text(one, 'name')}`),
      keyArn: keyOf(one, 'kms_key_id'),
    })),
  };
}

/** Whether the configuration of an attribute refers to another resource. */
const refersTo = (resource: TerraformResource, attribute: string, other: TerraformResource) =>
  (resource.references[attribute] ?? []).some((reference) => reference.startsWith(other.address));

/** The region of what is deployed; a stack without regional resources names it in the ARNs of its policies. */
function regionOf(resources: readonly TerraformResource[], account: string): string {
  const regional = resources.find((one) => one.mode === 'managed' && typeof one.values.region === 'string');
  if (regional) return text(regional, 'region');
  const named = resources.flatMap((one) => Object.values(one.values)).filter((value) => typeof value === 'string');
  return (
    named
      .map((value) => new RegExp(`arn:[^:"]+:(?:sqs|kms|dynamodb|lambda):([a-z0-9-]+):${account}:`).exec(value)?.[1])
      .find((region) => region !== undefined) ?? ''
  );
}

const text = (resource: TerraformResource | undefined, attribute: string) => String(resource?.values[attribute] ?? '');

function prefixOf(names: readonly string[]): string {
  const [first = ''] = names;
  const end = first.lastIndexOf('-') + 1;
  return names.every((name) => name.startsWith(first.slice(0, end))) ? first.slice(0, end) : '';
}

/** Where a policy stands, as one text. */
export const placeOf = ({ address, attribute }: PolicyAt) => `${address} ${attribute}`;

const compiled = new Map<string, Policy>();
const CACHE_LIMIT = 5000;

/** Compiles a policy where it stands; the same text is compiled once. */
export function compileAt(policy: PolicyAt): Policy {
  const slot = `${policy.kind} ${policy.name} ${policy.text}`;
  let found = compiled.get(slot);
  if (!found) {
    if (compiled.size > CACHE_LIMIT) compiled.clear();
    found = compilePolicy(policy.name, policy.text, policy.kind);
    compiled.set(slot, found);
  }
  return found;
}

/** Every policy of a deployment, each once. */
export function policiesOf(deployment: Deployment): PolicyAt[] {
  const all = [
    ...deployment.roles.flatMap((role) => [role.trust, ...role.policies]),
    ...deployment.groups.flatMap((group) => group.policies),
    ...[...deployment.keys, ...deployment.queues, ...deployment.tables].flatMap((one) => one.policy ?? []),
  ];
  return [...new Map(all.map((policy) => [placeOf(policy), policy])).values()];
}

/** The same deployment with other texts for some policies, by `address attribute`. */
export function withPolicies(deployment: Deployment, texts: ReadonlyMap<string, string>): Deployment {
  const swap = <T extends PolicyAt | undefined>(policy: T): T => {
    const changed = policy && texts.get(placeOf(policy));
    return changed === undefined ? policy : ({ ...policy, text: changed } as T);
  };
  const store = <T extends StoreModel>(one: T): T => ({ ...one, policy: swap(one.policy) });
  return {
    ...deployment,
    roles: deployment.roles.map((role) => ({ ...role, trust: swap(role.trust), policies: role.policies.map(swap) })),
    groups: deployment.groups.map((group) => ({ ...group, policies: group.policies.map(swap) })),
    keys: deployment.keys.map((key) => ({ ...key, policy: swap(key.policy) })),
    queues: deployment.queues.map(store),
    tables: deployment.tables.map(store),
  };
}
