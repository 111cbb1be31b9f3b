import { isUnknown } from '../../evaluator/unknown';
import { accessModelOf } from '../graph/access-model-of';
import { AccessReader } from '../graph/access-reader';
import { type Connection, connectionsOf } from '../graph/connections';
import { ResourceGraph } from '../graph/graph';
import type { LocationOptions } from '../graph/location';
import { readLogGroups, readQueues, readTables } from '../graph/read-dataplane';
import { readKeys } from '../graph/read-keys';
import type { TerraformResource } from '../graph/terraform-resource';
import type { AccessModel, HeldPolicy } from '../model/access-model';
import type { ProtectedParts } from './protection';
import { type WiderStatement, widening } from './wider-statements';

/** One side of a change of any project, or one of two deployments. */
export interface ProjectSide {
  /** Of this application only. */
  readonly deployment: undefined;
  /** Absent where nothing is deployed. */
  readonly model: AccessModel | undefined;
  readonly connections: readonly Connection[];
  readonly parts: ProtectedParts | undefined;
  readonly location: LocationOptions;
  /** What is assumed because the JSON does not tell it. */
  readonly assumed: readonly string[];
}

/**
 * Reads the resources of any project.
 *
 * @param options the account and the region, where the JSON does not tell them
 * @throws DeploymentError when an option is not an account or a region
 */
export function projectSide(resources: readonly TerraformResource[], options: LocationOptions = {}): ProjectSide {
  const graph = new ResourceGraph(resources, options);
  const { account, region, assumed } = graph.location;
  if (graph.of().length === 0) return { deployment: undefined, model: undefined, connections: [], parts: undefined, location: options, assumed: [] };
  const reader = new AccessReader(graph);
  return {
    deployment: undefined,
    model: accessModelOf(graph),
    connections: connectionsOf(graph),
    parts: { account, keys: readKeys(reader), queues: readQueues(reader), tables: readTables(reader), logGroups: readLogGroups(reader) },
    location: assumed.length > 0 ? options : { account, region },
    assumed,
  };
}

/** All policies of a model, each once. */
export function policiesOfModel({ identities, groups, resources }: AccessModel): readonly HeldPolicy[] {
  const all = [
    ...identities.flatMap(({ policies, boundary }) => [...policies, ...boundary]),
    ...groups.flatMap(({ policies }) => policies),
    ...resources.flatMap(({ policy }) => policy ?? []),
  ];
  return [...new Map(all.map((policy) => [`${policy.address} ${policy.attribute} ${policy.name}`, policy])).values()];
}

/** What the second side passes on, or whom it lets act, without a policy that says so, and the first does not. */
export function newConnections(before: ProjectSide, after: ProjectSide): WiderStatement[] {
  const known = new Set(before.connections.map(({ text }) => text));
  // That a key is disabled is told of its protection.
  const keys = new Set((after.model?.resources ?? []).flatMap(({ kind, address }) => (kind === 'key' ? [address] : [])));
  return after.connections
    .filter(({ text, address }) => !known.has(text) && !keys.has(address))
    .map(({ text, address }) => ({ ...widening(text, address, 'no policy says so'), undetermined: text.includes('(known after apply)') }));
}

/** Something that had a key, and has none or another one, or one that only an apply will tell. */
export interface KeyChange {
  readonly id: string;
  readonly to: 'none' | 'other' | 'unknown';
}

/** What is encrypted with another key on the second side, or with none. */
export function keyChanges(before: AccessModel | undefined, after: AccessModel | undefined): KeyChange[] {
  return (after?.resources ?? []).flatMap(({ id, keyArn }): KeyChange[] => {
    const was = before?.resources.find((resource) => resource.id === id)?.keyArn;
    if (was === undefined || was === keyArn) return [];
    if (keyArn === undefined) return [{ id, to: 'none' }];
    return [{ id, to: isUnknown(keyArn) || isUnknown(was) ? 'unknown' : 'other' }];
  });
}
