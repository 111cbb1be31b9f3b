import type { Grant } from '../../evaluator/grants';
import { compilePolicy, type Policy, type PolicyKind } from '../../evaluator/policy/compile';
import type { PolicyDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import type { PolicyId } from '../matrix/ids';

/** A policy with the resource and attribute that hold it, so that it can be changed and compiled again. */
export interface PolicySource {
  readonly id: PolicyId;
  /** Address of the resource that holds it, and the attribute. */
  readonly address: string;
  readonly attribute: string;
  /** As people read it, in decisions and errors. */
  readonly name: string;
  readonly kind: PolicyKind;
  /** JSON text; UNKNOWN when it is known only after apply. */
  readonly text: string;
}

/** A role with what it may do and who may assume it. */
export interface RoleModel {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicySource;
  readonly policies: readonly PolicySource[];
  readonly boundary?: PolicySource;
}

/** A queue or table: its key, and its resource policy. */
export interface StoreModel {
  readonly name: string;
  readonly arn: string;
  readonly keyArn?: string;
  readonly policy?: PolicySource;
  /** On a queue, the ARN of its dead-letter queue. */
  readonly deadLetterArn?: string;
  /** On an encrypted queue: seconds for which SQS reuses a data key, and so goes on for a caller whom KMS would refuse now. */
  readonly dataKeyReuseSeconds?: number;
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
  readonly policy: PolicySource;
  readonly grants: readonly Grant[];
  /** Whether it can be used at all. */
  readonly enabled: boolean;
  readonly rotation: boolean;
  readonly rotationDays: number;
  readonly deletionDays: number;
}

/** A function, with the role it runs as and who else may call it. */
export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly policy?: PolicySource;
}

/** Everything deployed that access depends on, from Terraform's own JSON. */
export interface Deployment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Common prefix of all names, with its hyphen. */
  readonly prefix: string;
  readonly roles: readonly RoleModel[];
  readonly groups: readonly { readonly name: string; readonly policies: readonly PolicySource[] }[];
  /** Names of deployed users. */
  readonly users: readonly string[];
  /** Which deployed users are members of which groups, by names. */
  readonly memberships: readonly { readonly user: string; readonly group: string }[];
  /** Which functions get the messages of which queues. */
  readonly eventSources: readonly { readonly source: string; readonly functionName: string }[];
  readonly keys: readonly KeyModel[];
  readonly queues: readonly StoreModel[];
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  readonly logGroups: readonly { readonly name: string; readonly arn: string; readonly keyArn?: string }[];
  /** Addresses of resources that may bear on access, but are of unsupported types. */
  readonly unsupported: readonly string[];
}

/** The name of a managed policy that the account itself holds; nothing for other policies. */
export function managedPolicyName({ id, address }: PolicySource): string | undefined {
  const name = /^managed\/([^/]+)$/.exec(id)?.[1];
  // One that is not known yet goes by the address of what attaches it.
  return name === address ? undefined : name;
}

/** The resource and attribute that hold a policy, as one text. */
export const policySourceId = ({ address, attribute }: PolicySource) => `${address} ${attribute}`;

const compiled = new Map<string, Policy>();
/** The same without reading texts again, which takes longer than most decisions. */
const compiledSources = new WeakMap<object, Policy>();
const CACHE_LIMIT = 5000;

/**
 * Compiles a policy; the same text is compiled once. What AWS accepts is evaluated as AWS does, also where it looks mistaken:
 * the policy's warnings tell of it.
 *
 * @throws PolicyError when it is not valid
 */
export function compileSource(policy: Pick<PolicySource, 'kind' | 'name' | 'text'>): Policy {
  const known = compiledSources.get(policy);
  if (known) return known;
  const cacheKey = `${policy.kind} ${policy.name} ${policy.text}`;
  let result = compiled.get(cacheKey);
  if (!result) {
    if (compiled.size > CACHE_LIMIT) compiled.clear();
    result = compilePolicy(policy.name, policy.text, policy.kind, { strict: false });
    compiled.set(cacheKey, result);
  }
  compiledSources.set(policy, result);
  return result;
}

/** Every policy of a deployment, each once. */
export function policiesOf(deployment: Deployment): PolicySource[] {
  const all = [
    ...deployment.roles.flatMap((role) => [role.trust, ...role.policies, ...(role.boundary ? [role.boundary] : [])]),
    ...deployment.groups.flatMap((group) => group.policies),
    ...[...deployment.keys, ...deployment.queues, ...deployment.tables, ...deployment.functions].flatMap(({ policy }) => policy ?? []),
  ];
  return [...new Map(all.map((policy) => [policySourceId(policy), policy])).values()];
}

/** The same deployment with other texts for some policies, by `address attribute`. */
export function withPolicies(deployment: Deployment, texts: ReadonlyMap<string, string>): Deployment {
  const swap = <T extends PolicySource | undefined>(policy: T): T => {
    const changed = policy && texts.get(policySourceId(policy));
    return changed === undefined ? policy : ({ ...policy, text: changed } as T);
  };
  const onResource = <T extends { readonly policy?: PolicySource }>(resource: T): T => ({ ...resource, policy: swap(resource.policy) });
  return {
    ...deployment,
    roles: deployment.roles.map((role) => ({ ...role, trust: swap(role.trust), policies: role.policies.map(swap), boundary: swap(role.boundary) })),
    groups: deployment.groups.map((group) => ({ ...group, policies: group.policies.map(swap) })),
    keys: deployment.keys.map((key) => ({ ...key, policy: swap(key.policy) })),
    queues: deployment.queues.map(onResource),
    tables: deployment.tables.map(onResource),
    functions: deployment.functions.map(onResource),
  };
}

/**
 * The document of a policy, for those who compare its statements; nothing when it is known only after apply.
 *
 * @throws PolicyError when it is not valid
 */
export function documentOf(policy: PolicySource): PolicyDocument | undefined {
  if (policy.text === '' || isUnknown(policy.text)) return undefined;
  compileSource(policy);
  return JSON.parse(policy.text) as PolicyDocument;
}
