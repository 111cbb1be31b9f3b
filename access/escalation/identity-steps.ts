import { formatArn } from '../../evaluator/arn';
import { many, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import { GROUPS } from '../application';
import { type Deployment, documentOf, managedPolicyName, type PolicySource, policySourceId, type RoleModel } from '../graph/deployment';
import { roleActorId } from '../matrix/actors';
import { decoyArns } from '../matrix/decoys';
import { type ActorId, type OperationId, segment } from '../matrix/ids';
import { idName, shortName } from '../matrix/operation';
import { type ActionSomewhere, actorIdsOf, actorsOfRole, allOf, type EscalationStep, type PolicyChange, request } from './escalation-step';

/**
 * Assuming roles, changing their trust, and whatever gives a role more: writing, attaching, replacing policies, and taking
 * away what denies or limits.
 *
 * Sources: https://pathfinding.cloud/, https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export const roleSteps = (deployment: Deployment): EscalationStep[] =>
  deployment.roles.flatMap((role): EscalationStep[] => {
    const name = idName(deployment, role.name);
    const [actor, actors] = [roleActorId(deployment, role), actorsOfRole(deployment, role)];
    return [
      { id: `role/${name}/assume`, needs: allOf(`role/${name}/assume`), assumes: [actor] },
      { id: `role/${name}/change-trust`, needs: allOf(`permission/role/${name}/iam:UpdateAssumeRolePolicy`), assumes: [actor], notByRoot: true },
      { id: `role/${name}/write-policy`, needs: allOf(`permission/role/${name}/iam:PutRolePolicy`), escalates: actors },
      { id: `role/${name}/attach-policy`, needs: allOf(`permission/role/${name}/iam:AttachRolePolicy`), escalates: actors },
      ...role.policies.flatMap((policy) => policySteps(deployment, policy, actors)),
      ...limitSteps(deployment, role),
    ];
  });

/** A managed policy: another version of it, or an earlier one, may allow everything. */
function policySteps(deployment: Deployment, policy: PolicySource, actors: readonly ActorId[]): EscalationStep[] {
  const named = managedPolicyName(policy);
  if (named === undefined) return [];
  const [name, arn] = [idName(deployment, named), iamArn(deployment, `policy/${named}`)];
  return [
    { id: `policy/${name}/change`, needs: allOf(request('iam:CreatePolicyVersion', arn)), escalates: actors },
    { id: `policy/${name}/set-version`, needs: allOf(request('iam:SetDefaultPolicyVersion', arn)), escalates: actors },
  ];
}

/** What denies something to a role, or limits it, is taken away. */
function limitSteps(deployment: Deployment, { name: roleName, arn, policies, boundary }: RoleModel): EscalationStep[] {
  const name = idName(deployment, roleName);
  const removal = ['iam:DeleteRolePolicy', 'iam:DetachRolePolicy'].map((action) => request(action, arn));
  const steps = policies.filter(mayDeny).map((policy): EscalationStep => ({ id: `role/${name}/remove-policy`, needs: [removal], changes: [gone(policy)] }));
  if (!boundary) return steps;
  const managed = managedPolicyName(boundary);
  const limits = ['iam:DeleteRolePermissionsBoundary', 'iam:PutRolePermissionsBoundary'].map((action) => request(action, arn));
  const versions = managed === undefined ? [] : POLICY_VERSIONS.map((action) => request(action, iamArn(deployment, `policy/${managed}`)));
  return [...steps, { id: `role/${name}/remove-boundary`, needs: [[...limits, ...versions]], changes: [gone(boundary)] }];
}

const POLICY_VERSIONS = ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion'];

const gone = (policy: PolicySource): PolicyChange => ({ becomes: 'gone', sourceId: policySourceId(policy) });

const mayDeny = (policy: PolicySource) =>
  isUnknown(policy.text) || many<StatementDocument>(documentOf(policy)?.Statement).some(({ Effect }) => Effect === 'Deny');

const iamArn = ({ partition, account }: Deployment, resource: string) => formatArn({ partition, service: 'iam', region: '', account, resource });

/** Users and groups: credentials, MFA devices, memberships and policies of one's own and of others. */
export function userSteps(deployment: Deployment): EscalationStep[] {
  const users = userActors(deployment);
  return [
    ...ownUserSteps(deployment, users),
    ...deployment.groups.flatMap(({ name, policies }) => groupSteps(deployment, name, policies, users)),
    ...deployment.users.map((_name, index): EscalationStep => {
      const operation: OperationId = index === 0 ? 'permission/deployed-user/iam:CreateAccessKey' : `permission/deployed-user/${index + 1}/iam:CreateAccessKey`;
      return { id: 'deployed-user/create-access-key', needs: allOf(operation), assumes: ['user/mfa'] };
    }),
    ...otherUserSteps(deployment, users),
  ];
}

const userActors = (deployment: Deployment): ActorId[] => actorIdsOf(deployment).filter((id) => id.startsWith('user/'));

function ownUserSteps(deployment: Deployment, users: readonly ActorId[]): EscalationStep[] {
  const { ownUser } = decoyArns(deployment);
  const withoutMfa = { from: 'user/no-mfa', assumes: ['user/mfa'] } as const;
  return [
    {
      id: 'own-user/enroll-mfa',
      needs: allOf('permission/own-user/iam:EnableMFADevice', 'permission/own-mfa-device/iam:CreateVirtualMFADevice'),
      ...withoutMfa,
    },
    { id: 'own-user/replace-mfa', needs: allOf('permission/own-user/iam:DeactivateMFADevice', 'permission/own-user/iam:EnableMFADevice'), ...withoutMfa },
    ...users.flatMap((user): EscalationStep[] => [
      { id: 'own-user/write-policy', needs: allOf('permission/own-user/iam:PutUserPolicy'), escalates: [user] },
      { id: 'own-user/attach-policy', needs: allOf(request('iam:AttachUserPolicy', ownUser)), escalates: [user] },
    ]),
  ];
}

function groupSteps(deployment: Deployment, groupName: string, policies: readonly PolicySource[], users: readonly ActorId[]): EscalationStep[] {
  const [name, arn] = [idName(deployment, groupName), iamArn(deployment, `group/${groupName}`)];
  const denying = policies.filter(mayDeny).map(gone);
  const steps: EscalationStep[] = [
    { id: `group/${name}/write-policy`, needs: allOf(`permission/group/${name}/iam:PutGroupPolicy`), escalates: users },
    { id: `group/${name}/attach-policy`, needs: allOf(request('iam:AttachGroupPolicy', arn)), escalates: users },
    { id: `group/${name}/add-user`, needs: allOf(`permission/group/${name}/iam:AddUserToGroup`), assumes: [memberOf(deployment, groupName)] },
    ...policies.flatMap((policy) => policySteps(deployment, policy, users)),
  ];
  if (denying.length === 0) return steps;
  const removal = ['iam:DeleteGroupPolicy', 'iam:DetachGroupPolicy'].map((action) => request(action, arn));
  return [
    ...steps,
    { id: `group/${name}/remove-user`, needs: allOf(request('iam:RemoveUserFromGroup', arn)), changes: denying },
    { id: `group/${name}/remove-policy`, needs: [removal], changes: denying },
  ];
}

/** The actor that is a member of a group; who joins a group is taken to have MFA. */
function memberOf(deployment: Deployment, groupName: string): ActorId {
  const short = shortName(deployment, groupName);
  if (short === GROUPS.assumeAllRoles) return 'user/mfa';
  return short === GROUPS.everybody ? `user/mfa/${GROUPS.everybody}-only` : `user/mfa/${segment(short)}`;
}

/**
 * Users are not deployed, mostly: nobody knows their names or groups here, so a credential of another one is taken to be one
 * of a member of every group. Who can give a new or another identity any policy is an administrator.
 */
function otherUserSteps(deployment: Deployment, users: readonly ActorId[]): EscalationStep[] {
  const except = [decoyArns(deployment).ownUser, ...deployment.roles.map(({ arn }) => arn)];
  const other = (...anyOf: readonly string[]): ActionSomewhere => ({ anyOf, except });
  const withMfa = users.filter((user) => user !== 'user/no-mfa');
  const policies = ['iam:PutUserPolicy', 'iam:AttachUserPolicy', 'iam:PutRolePolicy', 'iam:AttachRolePolicy'];
  return [
    { id: 'other-user/create-access-key', needs: allOf(other('iam:CreateAccessKey')), assumes: withMfa },
    { id: 'other-user/set-password', needs: allOf(other('iam:CreateLoginProfile', 'iam:UpdateLoginProfile')), assumes: withMfa },
    {
      id: 'other-user/replace-mfa',
      needs: allOf(other('iam:EnableMFADevice', 'iam:DeactivateMFADevice', 'iam:ResyncMFADevice')),
      from: 'user/no-mfa',
      assumes: withMfa,
    },
    {
      id: 'account/make-administrator',
      needs: [[other(...NEW_IDENTITIES), { ...other('iam:UpdateAssumeRolePolicy', 'sts:AssumeRole'), onlyHelps: true }], [other(...policies)]],
      assumes: ['administrator/mfa'],
    },
  ];
}

/** What makes an identity, or the credentials of one, that is none of the deployment's. */
const NEW_IDENTITIES = ['iam:CreateUser', 'iam:CreateRole', 'iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile'];
