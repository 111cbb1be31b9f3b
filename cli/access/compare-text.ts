import type { Comparison, DifferenceGroup } from '../../evaluator/request-space/compare';

const NAMES = ['first policy', 'second policy'] as const;
/** How many actions of a group are printed. */
const ACTIONS = 8;

/**
 * A comparison in words.
 *
 * @param allowed what the policies allow, each alone
 * @param denied what they deny where everything else is allowed; absent when neither denies anything
 */
export function describe(allowed: Comparison, denied: Comparison | undefined): readonly string[] {
  const lines = [...groups(allowed, 'allows'), ...(denied ? groups(denied, 'denies') : [])];
  for (const reason of new Set([...allowed.undetermined, ...(denied?.undetermined ?? [])])) lines.push(`undetermined: ${reason}`);
  return [...lines, conclusion(allowed, denied)];
}

function groups({ groups: all }: Comparison, verb: 'allows' | 'denies'): readonly string[] {
  return ([0, 1] as const).flatMap((side) => {
    // Together with a policy that allows everything, the policy that allows less is the one that denies.
    const own = all.filter((group) => (group.side === side) === (verb === 'allows'));
    return own.length === 0 ? [] : [`The ${NAMES[side]} ${verb} what the other does not:`, ...own.flatMap((group) => describeGroup(group, verb))];
  });
}

/** A group of differences in words: the statements, the actions, a request. */
export function describeGroup(group: DifferenceGroup, verb: 'allows' | 'denies'): readonly string[] {
  const { allowing, denying, actions, witness } = group;
  const reason = denying.length > 0 ? `denied by ${denying.join(', ')}` : 'no statement of the other policy allows it';
  const context = Object.entries(witness.context).map(([key, values]) => {
    if (Array.isArray(values) && values.length === 0) return `without ${key}`;
    return `${key} = ${Array.isArray(values) ? `[${values.join(', ')}]` : values}`;
  });
  const more = actions.length > ACTIONS ? ` and ${actions.length - ACTIONS} more` : '';
  return [
    verb === 'allows' ? `  allowed by ${allowing.join(', ')}; ${reason}` : `  ${reason}`,
    `    actions: ${actions.slice(0, ACTIONS).join(', ')}${more}`,
    `    for example ${witness.principal}: ${witness.action} on ${witness.resource}${context.length > 0 ? `, with ${context.join(', ')}` : ''}`,
    ...(verb === 'allows' && witness.environment.identity.length > 0 ? ['    (a caller whose own policies allow everything)'] : []),
  ];
}

function conclusion(allowed: Comparison, denied: Comparison | undefined): string {
  const isEqual = allowed.relation === 'equal' && (denied === undefined || denied.relation === 'equal');
  if (isEqual) return 'equal: no request is decided differently';
  const deniesMore = denied && denied.groups.length > 0;
  if (allowed.groups.length === 0 && deniesMore) return 'equal in what each allows alone, but they deny different requests';
  if (allowed.groups.length === 0) return 'undetermined';
  return sidesOf(allowed);
}

function sidesOf({ groups: all }: Comparison): string {
  const sides = new Set(all.map(({ side }) => side));
  if (sides.size === 2) return 'both: each policy allows what the other does not';
  return sides.has(0) ? 'first allows more' : 'second allows more';
}
