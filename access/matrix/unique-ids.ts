import { DeploymentError } from '../graph/resources';

/**
 * Ids tell actors and operations apart: of two with the same id one would take the other's cells.
 *
 * @throws DeploymentError when two have the same id
 */
export function requireUniqueIds(identified: readonly { readonly id: string }[], what: string): void {
  const seen = new Set<string>();
  for (const { id } of identified) {
    if (seen.has(id)) throw new DeploymentError(`Two ${what} of the deployment have the id ${id}: their names do not tell them apart`);
    seen.add(id);
  }
}
