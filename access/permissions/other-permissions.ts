import type { Deployment } from '../graph/deployment';
import { actorsOf } from '../matrix/actors';
import { operationsOf } from '../matrix/operations';
import { type Permission, permissionsBeyond } from './permissions-beyond';

/**
 * Every permission of the deployment's own policies that no operation of the matrix asks about. What administrators of the
 * account have otherwise is none of the deployment's.
 *
 * @throws PolicyError when a policy is not valid, DeploymentError when ids are not unique
 */
export function otherPermissions(deployment: Deployment): Permission[] {
  const actors = actorsOf(deployment).map((actor) => (actor.policySourceIds.size > 0 ? actor : { ...actor, identity: [] }));
  return permissionsBeyond(deployment, actors, { requests: operationsOf(deployment).flatMap(({ steps }) => steps) });
}
