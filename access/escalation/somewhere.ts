import { splitVariables } from '../../evaluator/pattern';
import type { Actor } from '../matrix/actors';
import { type AllowingPart, ownParts } from '../permissions/allowing-parts';
import { isImpossible } from '../permissions/impossible';
import type { ActionSomewhere } from './escalation-step';

const parts = new WeakMap<Actor, readonly AllowingPart[]>();

/**
 * Whether an actor may do one of some actions on some resource, as far as its own policies say: whatever is not certainly
 * denied counts, under any conditions.
 *
 * @param account that of the deployment
 */
export function maySomewhere(actor: Actor, account: string, { anyOf, except = [], inAnyAccount }: ActionSomewhere): boolean {
  // What somebody of another account may do there is none of this account's.
  if (actor.principal.account !== account && !inAnyAccount) return false;
  if (actor.principal.kind === 'root') return true;
  const own = parts.get(actor) ?? ownParts([actor]);
  parts.set(actor, own);
  const wanted = new Set(anyOf);
  return own.some(
    (part) => isElsewhere(part.resource, actor, except) && part.actions.some(({ action }) => isNamed(action, wanted) && !isImpossible(actor, action)),
  );
}

/** A policy that is not known yet may allow anything. */
const isNamed = (action: string, wanted: ReadonlySet<string>) => action === '*' || wanted.has(action);

/** Whether a resource pattern matches something else than some ARNs. */
export function isElsewhere(pattern: string, { principal }: Actor, except: readonly string[]): boolean {
  const parts = splitVariables(pattern).map(({ text, isVariable }) => {
    if (!isVariable || !USERNAME.test(text)) return text;
    return principal.kind === 'user' ? principal.name : undefined;
  });
  // Who has no user name is matched by no resource that is named after it.
  if (parts.includes(undefined)) return false;
  const resolved = parts.join('');
  return /[*?$]/.test(resolved) || !except.includes(resolved);
}

const USERNAME = /^\$\{\s*aws:username\s*\}$/i;
