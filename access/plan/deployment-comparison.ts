import { isUnknown, UNKNOWN } from '../../evaluator/unknown';
import type { LocationOptions } from '../graph/location';
import type { TerraformResource } from '../graph/terraform-resource';
import type { AccessModel } from '../model/access-model';
import { compareAccess } from '../space/compare-access';
import { keyChanges, newConnections, type ProjectSide, policiesOfModel, projectSide } from './project-side';
import { newGrants, statementOf, type WiderStatement, widening, withoutRepeats } from './wider-statements';

/** What each of two whole deployments allows that the other does not. */
export interface DeploymentComparison {
  readonly first: readonly WiderStatement[];
  readonly second: readonly WiderStatement[];
  /** What could not be decided, each with what caused it. */
  readonly undetermined: readonly string[];
  /** What is assumed because the JSON does not tell it. */
  readonly assumed: readonly string[];
}

/**
 * Compares two deployments of any project over all requests: states as they are, plans as applying them leads to. What is not
 * known on a side is undetermined, also when the other side does not know it either.
 *
 * @param options the account and the region, where the JSON does not tell them
 * @throws DeploymentError when an option is not an account or a region, PolicyError when a policy is not valid
 * @example
 * compareDeployments(resourcesOf(staging), resourcesOf(production)).second.map(({ holder, change }) => `${holder} ${change}`);
 */
export function compareDeployments(
  first: readonly TerraformResource[],
  second: readonly TerraformResource[],
  options: LocationOptions = {},
): DeploymentComparison {
  const sides = [projectSide(first, options), projectSide(second, options)] as const;
  const { differences, undetermined } = compareAccess(sides[0].model, sides[1].model);
  const told = withoutRepeats(differences);
  const more = (side: 'before' | 'after', own: ProjectSide, other: ProjectSide) => [
    ...newGrants(other.model, own.model),
    ...told.filter((difference) => difference.side === side).map(statementOf),
    ...newConnections(other, own),
    ...withoutKeys(other, own),
  ];
  return {
    first: more('before', sides[0], sides[1]),
    second: more('after', sides[1], sides[0]),
    undetermined: [...new Set([...undetermined, ...unread(sides[0].model, 'first'), ...unread(sides[1].model, 'second')])],
    assumed: [...new Set(sides.flatMap(({ assumed }) => assumed))],
  };
}

/** What one deployment keeps without a key, and the other one with a key: who may read it needs nothing more. */
const withoutKeys = (other: ProjectSide, own: ProjectSide): WiderStatement[] =>
  keyChanges(other.model, own.model).map(({ id, to }) =>
    to === 'none'
      ? widening(id, 'encryption', 'has no customer managed key')
      : { ...widening(id, 'encryption', to === 'other' ? 'has another key' : 'may have another key'), undetermined: to === 'unknown' },
  );

/** What is not known of a part of a policy, as its JSON text has it. */
const ESCAPED = JSON.stringify(UNKNOWN).slice(1, -1);

/** What is not known of one deployment. */
function unread(model: AccessModel | undefined, name: 'first' | 'second'): string[] {
  if (model === undefined) return [];
  const unknownTags = [...model.identities, ...model.resources].filter(({ tags }) => tags === 'unknown').map(({ id }) => `${id}: its tags are not known`);
  const unknownPolicies = policiesOfModel(model)
    .filter(({ text }) => isUnknown(text) || text.includes(ESCAPED))
    .map((policy) => `${policy.address}: what ${policy.name} allows is not known, or not all of it`);
  return [...model.undetermined.map(({ address, reason }) => `${address}: ${reason}`), ...unknownPolicies, ...unknownTags].map(
    (reason) => `of the ${name} deployment, ${reason}`,
  );
}
