import { UNKNOWN } from '../../evaluator/unknown';
import type { ResourceGraph, Target } from './graph';
import { heldPolicy, type IdentifiedPolicy } from './held-policy';
import type { Report } from './identity-policies';
import { kindOf } from './kinds/kinds';
import { append } from './lists';
import type { TerraformResource } from './terraform-resource';

/** That a user is in a group, by the resource that says so; each may be in no file. */
export interface Membership {
  readonly by: TerraformResource;
  readonly user: Target;
  readonly group: Target;
}

/** Which users are in which groups. */
export class Memberships {
  readonly all: readonly Membership[];
  private readonly byUser = new Map<TerraformResource, Membership[]>();

  constructor(
    graph: ResourceGraph,
    private readonly report: Report,
  ) {
    const is = (does: string) => (type: string) => kindOf(type)?.does === does;
    this.all = graph.doing('membership').flatMap(({ resource: by, kind }) => {
      const users = orUnknown(graph.targets(by, kind.users, is('user')));
      const groups = orUnknown(graph.targets(by, kind.groups, is('group')));
      return users.flatMap((user) => groups.map((group) => ({ by, user, group })));
    });
    for (const membership of this.all) {
      const { by, user } = membership;
      if (user.kind === 'resource') append(this.byUser, user.resource, membership);
      else report(by, `the user: ${reasonOf(user)}`);
    }
  }

  /** The groups of a user that are in the files. */
  groupsOf(user: TerraformResource): TerraformResource[] {
    return this.of(user).flatMap(({ group }) => (group.kind === 'resource' ? [group.resource] : []));
  }

  /** What stands for the policies of a user's groups that are in no file: they may allow anything. */
  unknownPoliciesOf(user: TerraformResource): IdentifiedPolicy[] {
    return this.of(user).flatMap(({ by, group }) => {
      if (group.kind === 'resource') return [];
      this.report(by, `the group: ${reasonOf(group)}`);
      const name = group.kind === 'named' ? group.value : by.address;
      return [heldPolicy(by, `groups ${name}`, `group/${name}/all policies`, 'identity', UNKNOWN)];
    });
  }

  private of(user: TerraformResource): readonly Membership[] {
    return this.byUser.get(user) ?? [];
  }
}

const orUnknown = (targets: readonly Target[]): readonly Target[] => (targets.length > 0 ? targets : [{ kind: 'unknown', reason: 'it is not in the JSON' }]);

function reasonOf(target: Target): string {
  if (target.kind === 'named') return `${target.value} is in no file: give the plan or state that has it`;
  return target.kind === 'unknown' ? target.reason : target.resource.address;
}
