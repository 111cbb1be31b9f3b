import { formatArn } from '../../evaluator';
import type { AccessModel, Group, Identity } from '../model/access-model';

/** Up to so many groups every two of them have a member in common; of more, all together have one. */
const PAIR_LIMIT = 6;

/**
 * Users whom nobody deployed: a member of each group, and of each two, because what one group allows another may deny. Who is
 * a member of a group is often decided elsewhere.
 */
export function groupMembers({ groups, partition, account }: AccessModel): Identity[] {
  const sets = [...groups.map((group) => [group]), ...(groups.length <= PAIR_LIMIT ? pairsOf(groups) : [groups])];
  return sets.map((members) => {
    const names = members.map(({ name }) => name);
    const arn = formatArn({ partition, service: 'iam', region: '', account, resource: `user/member-of-${names.join('-and-')}` });
    return {
      id: memberId(names),
      address: members[0]?.address ?? '',
      kind: 'user',
      arn,
      policies: members.flatMap(({ policies }) => policies),
      boundary: [],
      tags: {},
    };
  });
}

const pairsOf = (groups: readonly Group[]) => groups.flatMap((group, index) => groups.slice(index + 1).map((other) => [group, other]));

const memberId = (names: readonly string[]) => (names.length === 1 ? `members of the group ${names[0]}` : `members of the groups ${names.join(' and ')}`);

/** Whether an identity stands for the members of several groups together. */
export const isOfSeveralGroups = (who: string): boolean => who.startsWith('members of the groups ');

/** Whether an identity stands for the members of one group. */
export const isOfOneGroup = (who: string): boolean => who.startsWith('members of the group ');
