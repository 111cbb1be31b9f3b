import { UNKNOWN } from '../../evaluator/unknown';
import type { AccessModel, Group, HeldPolicy, Identity, ProtectedResource } from '../model/access-model';
import { AccessReader } from './access-reader';
import { awsManagedKeyPolicy } from './aws-managed-keys';
import { namedKind, type ResourceGraph } from './graph';
import { type IdentifiedPolicy, trustPolicyOf } from './held-policy';
import type { AwsManagedKey } from './key-references';
import { awsManagedPolicies, type ManagedPolicies } from './managed-policies';
import { tagsOf } from './tags';
import type { TerraformResource } from './terraform-resource';

/**
 * Everything of a deployment that decides who may do what. What cannot be read is in `undetermined`, never left out.
 *
 * @example
 * const graph = new ResourceGraph(resourcesOf(parseTerraformDocument(json, 'plan.json')), { account: '111122223333' });
 * accessModelOf(graph).identities.map(({ id }) => id); // ['role reader', 'user ann']
 */
export function accessModelOf(graph: ResourceGraph, managed: ManagedPolicies = awsManagedPolicies): AccessModel {
  const reader = new AccessReader(graph, managed);
  const identities = graph.doing('role', 'user').map(({ resource, kind }) => identityOf(reader, resource, kind.does));
  const resources = [
    ...graph.doing('key').map(({ resource }) => resourceOf(reader, resource)),
    ...graph.doing('role').map(({ resource, kind }) => trustOf(reader, resource, kind.policy.attribute)),
    ...graph.doing('resource').map(({ resource }) => resourceOf(reader, resource)),
    ...outsideOf(reader),
  ];
  const awsManaged = [...reader.keys.awsManaged.values()].map((key) => awsManagedKeyOf(reader, key));
  reader.reportUnread();
  const { account, region, partition } = graph.location;
  return {
    partition,
    account,
    region,
    identities: withUniqueIds(identities),
    groups: graph.doing('group').map(({ resource }) => groupOf(reader, resource)),
    resources: withUniqueIds([...resources, ...awsManaged]),
    undetermined: reader.undetermined,
  };
}

/** A policy without what only this folder needs of it. */
const withoutId = ({ address, attribute, name, kind, text }: IdentifiedPolicy): HeldPolicy => ({ address, attribute, name, kind, text });

function identityOf(reader: AccessReader, resource: TerraformResource, kind: Identity['kind']): Identity {
  const { identityPolicies, memberships, names, graph } = reader;
  const ofGroups = kind === 'user' ? memberships.groupsOf(resource).flatMap((group) => identityPolicies.of(group)) : [];
  const unknown = kind === 'user' ? memberships.unknownPoliciesOf(resource) : [];
  const boundary = identityPolicies.boundaryOf(resource);
  const policies = new Map([...identityPolicies.of(resource), ...ofGroups, ...unknown].map((policy) => [policy.id, policy]));
  return {
    id: `${kind} ${names.of(resource)}`,
    address: resource.address,
    kind,
    arn: graph.arnOf(resource),
    policies: [...policies.values()].map(withoutId),
    boundary: boundary ? [withoutId(boundary)] : [],
    tags: tagsOf(resource),
  };
}

function groupOf({ identityPolicies, names }: AccessReader, resource: TerraformResource): Group {
  const name = names.of(resource);
  return { id: `group ${name}`, address: resource.address, name, policies: identityPolicies.of(resource).map(withoutId) };
}

function trustOf({ graph, names }: AccessReader, resource: TerraformResource, attribute: string): ProtectedResource {
  const name = names.of(resource);
  return {
    id: `trust of ${name}`,
    address: resource.address,
    type: resource.type,
    arn: graph.arnOf(resource),
    parts: [],
    kind: 'trust',
    policy: withoutId(trustPolicyOf(graph, resource, attribute, name)),
    grants: [],
    tags: tagsOf(resource),
  };
}

function resourceOf(reader: AccessReader, resource: TerraformResource): ProtectedResource {
  const { graph, names, resourcePolicies } = reader;
  const kind = namedKind(resource);
  const arn = graph.arnOf(resource);
  const policy = resourcePolicies.of(resource);
  const [keyArn, ...otherKeys] = kind?.does === 'resource' ? reader.keysOf(resource) : [];
  return {
    id: `${kind?.noun ?? resource.type} ${names.of(resource)}`,
    address: resource.address,
    type: resource.type,
    arn,
    parts: kind?.does === 'resource' ? kind.parts.map((template) => graph.fill(template, resource, arn)) : [],
    kind: kind?.does === 'key' ? 'key' : 'resource',
    policy: policy && withoutId(policy),
    // Which of several keys something is encrypted with is not known.
    keyArn: otherKeys.length > 0 ? UNKNOWN : keyArn,
    grants: kind?.does === 'key' ? reader.grantsOf(resource) : [],
    tags: tagsOf(resource),
  };
}

/** What is in no file, but has a policy in one. */
function outsideOf({ resourcePolicies }: AccessReader): ProtectedResource[] {
  return resourcePolicies.outside.map(({ resource, arn, text }) => ({
    id: arn,
    address: resource.address,
    type: resource.type,
    arn,
    parts: [`${arn}/*`],
    kind: 'resource',
    policy: { address: resource.address, attribute: 'policy', name: `policy of ${arn}`, kind: 'resource', text },
    grants: [],
    tags: 'unknown',
  }));
}

function awsManagedKeyOf({ graph }: AccessReader, key: AwsManagedKey): ProtectedResource {
  const { alias, arn } = key;
  const text = awsManagedKeyPolicy(key, graph.location.account);
  return {
    id: `key ${alias}`,
    address: arn,
    type: 'aws_kms_key',
    arn,
    parts: [],
    kind: 'key',
    policy: { address: arn, attribute: 'policy', name: `policy of the AWS managed key ${alias}`, kind: 'key', text },
    grants: [],
    tags: {},
  };
}

/** Names repeat in other regions, and in other files; addresses repeat in other files. */
function withUniqueIds<Item extends { readonly id: string; readonly address: string; readonly arn: string }>(items: readonly Item[]): Item[] {
  const count = (idOf: (item: Item) => string) => {
    const counts = new Map<string, number>();
    for (const item of items) counts.set(idOf(item), (counts.get(idOf(item)) ?? 0) + 1);
    return (item: Item) => (counts.get(idOf(item)) ?? 0) > 1;
  };
  const isRepeated = count(({ id }) => id);
  const isRepeatedAddress = count(({ id, address }) => `${id} ${address}`);
  return items.map((item) => {
    if (!isRepeated(item)) return item;
    return { ...item, id: `${item.id} (${isRepeatedAddress(item) ? `${item.address} ${item.arn}` : item.address})` };
  });
}
