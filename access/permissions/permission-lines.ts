import { actorLabel } from '../matrix/id-labels';
import type { Permission } from './permissions-beyond';

/** One permission as people read it, in parts that a line or the row of a table is made of. */
export interface PermissionText {
  readonly who: string;
  readonly statement: string;
  readonly accessLevel: string;
  readonly actions: string;
  readonly resources: string;
}

const SHOWN_ACTIONS = 12;
const SHOWN_RESOURCES = 2;

/**
 * A permission as people read it.
 *
 * @param isWhole whether long lists are shown whole rather than counted
 */
export function permissionText(permission: Permission, isWhole: boolean): PermissionText {
  const { actors, principals, policy, statement, accessLevel, actions, resources, exempt } = permission;
  const who = [...new Set([...actors.map(actorLabel), ...(actors.length > 0 ? [] : principals)])];
  const patterns = exempt ? `everything but ${exempt.join(', ')}` : listed(resources, SHOWN_RESOURCES, isWhole);
  return { who: who.join(', '), statement: `${statement} (${policy})`, accessLevel, actions: actionsText(actions, isWhole), resources: patterns };
}

/** One line; what is long is counted unless it is to be whole. */
export function permissionLine(permission: Permission, isWhole: boolean): string {
  const { who, statement, accessLevel, actions, resources } = permissionText(permission, isWhole);
  return `${who}: ${accessLevel === 'unknown' ? 'unknown access level' : accessLevel}: ${actions} on ${resources}, by ${statement}`;
}

function actionsText(actions: readonly string[], isWhole: boolean): string {
  if (isWhole || actions.length <= SHOWN_ACTIONS) return actions.join(', ');
  const services = new Set(actions.map((action) => action.split(':')[0]));
  return `${actions.length.toLocaleString('en')} actions of ${services.size === 1 ? [...services].join() : `${services.size} services`}`;
}

function listed(texts: readonly string[], shown: number, isWhole: boolean): string {
  return isWhole || texts.length <= shown ? texts.join(', ') : `${texts.slice(0, shown).join(', ')} and ${texts.length - shown} more`;
}
