import { IamGroup } from '@cdktf/provider-aws/lib/iam-group';
import { IamGroupPolicy } from '@cdktf/provider-aws/lib/iam-group-policy';
import { IamUser } from '@cdktf/provider-aws/lib/iam-user';
import { IamUserGroupMembership } from '@cdktf/provider-aws/lib/iam-user-group-membership';
import { Construct } from 'constructs';
import { type Arns, HUMAN_ROLES } from '../names';
import { type PolicyDocument, policyJson } from '../policies/document';
import { allUsersPolicy, assumeRolesPolicy } from '../policies/groups';
import type { Settings } from '../settings';

/** What the construct {@link People} needs to know. */
export interface PeopleProps {
  readonly settings: Settings;
  readonly arns: Arns;
}

/** Groups through which people reach the roles, and one optional user in the first two of them. */
export class People extends Construct {
  constructor(scope: Construct, id: string, { settings, arns }: PeopleProps) {
    super(scope, id);
    const { groups } = arns.names;
    const { requireMfa } = settings;
    const allUsers = this.group('AllUsers', groups.allUsers, allUsersPolicy(arns, requireMfa));
    const assumeAllRoles = this.group(
      'AssumeAllRoles',
      groups.assumeAllRoles,
      assumeRolesPolicy(
        'AssumeHumanRoles',
        HUMAN_ROLES.map((role) => arns.role(role)),
        requireMfa,
      ),
    );
    this.group('KeyManagers', groups.keyManagers, assumeRolesPolicy('AssumeKeyManagerRole', [arns.role('KeyManagerRole')], requireMfa));
    if (!settings.user) return;
    // Keys and MFA device that the user makes for itself go with it.
    const user = new IamUser(this, 'user', { name: settings.user, forceDestroy: true });
    new IamUserGroupMembership(this, 'membership', { user: user.name, groups: [allUsers.name, assumeAllRoles.name] });
  }

  private group(id: string, name: string, document: PolicyDocument): IamGroup {
    const group = new IamGroup(this, id, { name });
    new IamGroupPolicy(this, `${id}Policy`, { name: id, group: group.name, policy: policyJson(document) });
    return group;
  }
}
