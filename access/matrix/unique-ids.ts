import { DeploymentError } from '../graph/deployment-error';

/**
 * Actors and operations are distinguished by id alone: of two with the same id, one would take the cells of
 * the other.
 *
 * @throws DeploymentError when two have the same id
 */
export function requireUniqueIds(identified: readonly { readonly id: string }[], what: string): void {
  const seen = new Set<string>();
  for (const { id } of identified) {
    if (seen.has(id)) throw new DeploymentError(`Two ${what} of the deployment have the id ${id}: give them names that differ`);
    seen.add(id);
  }
}
