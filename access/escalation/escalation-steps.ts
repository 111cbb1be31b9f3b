import { type Deployment, managedPolicyName, type PolicySource, type StoreModel } from '../graph/deployment';
import { actorsOf, roleActorId } from '../matrix/actors';
import type { ActorId, OperationId, StepId } from '../matrix/ids';
import { idName } from '../matrix/operation';

/** A permission that can be turned into more: what it takes, and what it brings. */
export interface EscalationStep {
  readonly id: StepId;
  /** The operations of the matrix that must all be allowed, to one and the same identity. */
  readonly operations: readonly OperationId[];
  /** An actor of the matrix as whom one can act from then on. */
  readonly assumes?: ActorId;
  /** Actors that have every permission of IAM from then on. */
  readonly escalates?: readonly ActorId[];
  /** Policies that allow everything from then on. */
  readonly exposes?: readonly PolicySource[];
  /** The one actor to whom it makes a difference, where it is one. */
  readonly from?: ActorId;
  /** The root user assumes no role, whatever its trust policy says. */
  readonly notByRoot?: boolean;
}

/**
 * Every way in which a permission leads to others: assuming roles, changing trust, writing policies of IAM,
 * key, queue and table policies, granting, changing or taking the key of stored data, a function's code, and
 * passing its role on.
 */
export const escalationStepsOf = (deployment: Deployment): EscalationStep[] => [
  ...roleSteps(deployment),
  ...userSteps(deployment),
  ...keySteps(deployment),
  ...functionSteps(deployment),
  ...queueSteps(deployment),
  ...tableSteps(deployment),
];

function roleSteps(deployment: Deployment): EscalationStep[] {
  return deployment.roles.flatMap((role): EscalationStep[] => {
    const name = idName(deployment, role.name);
    const actor = roleActorId(deployment, role);
    const policies = role.policies.flatMap((policy) => managedPolicyName(policy) ?? []).map((policy) => idName(deployment, policy));
    return [
      { id: `role/${name}/assume`, operations: [`role/${name}/assume`], assumes: actor },
      { id: `role/${name}/change-trust`, operations: [`permission/role/${name}/iam:UpdateAssumeRolePolicy`], assumes: actor, notByRoot: true },
      { id: `role/${name}/write-policy`, operations: [`permission/role/${name}/iam:PutRolePolicy`], escalates: [actor] },
      { id: `role/${name}/attach-policy`, operations: [`permission/role/${name}/iam:AttachRolePolicy`], escalates: [actor] },
      ...policies.map((policy): EscalationStep => {
        return { id: `policy/${policy}/change`, operations: [`permission/policy/${policy}/iam:CreatePolicyVersion`], escalates: [actor] };
      }),
    ];
  });
}

function userSteps(deployment: Deployment): EscalationStep[] {
  const users = actorsOf(deployment)
    .map(({ id }) => id)
    .filter((id) => id.startsWith('user/'));
  return [
    {
      id: 'own-user/enroll-mfa',
      operations: ['permission/own-user/iam:EnableMFADevice', 'permission/own-mfa-device/iam:CreateVirtualMFADevice'],
      from: 'user/no-mfa',
      assumes: 'user/mfa',
    },
    ...users.map((user): EscalationStep => ({ id: 'own-user/write-policy', operations: ['permission/own-user/iam:PutUserPolicy'], escalates: [user] })),
    ...deployment.groups.map((group): EscalationStep => {
      const name = idName(deployment, group.name);
      return { id: `group/${name}/write-policy`, operations: [`permission/group/${name}/iam:PutGroupPolicy`], escalates: users };
    }),
    ...deployment.users.map((_name, index): EscalationStep => {
      const operation: OperationId = index === 0 ? 'permission/deployed-user/iam:CreateAccessKey' : `permission/deployed-user/${index + 1}/iam:CreateAccessKey`;
      return { id: 'deployed-user/create-access-key', operations: [operation], assumes: 'user/mfa' };
    }),
  ];
}

function keySteps(deployment: Deployment): EscalationStep[] {
  return deployment.keys.flatMap((key): EscalationStep[] => {
    const id = `key/${idName(deployment, key.name)}` as const;
    return [
      { id: `${id}/change-policy`, operations: [`${id}/change-policy`], exposes: [key.policy] },
      { id: `${id}/create-grant`, operations: [`${id}/CreateGrant-directly`], exposes: [key.policy] },
    ];
  });
}

function functionSteps(deployment: Deployment): EscalationStep[] {
  return deployment.functions.flatMap((lambda): EscalationStep[] => {
    const role = deployment.roles.find(({ arn }) => arn === lambda.roleArn);
    if (!role) return [];
    const name = idName(deployment, lambda.name);
    const roleId = `role/${idName(deployment, role.name)}` as const;
    return [
      { id: `function/${name}/change-code`, operations: [`function/${name}/change-code`], assumes: `${roleId}/in-function` },
      // Layers and wrappers run code as well.
      {
        id: `function/${name}/change-configuration`,
        operations: [`permission/function/${name}/lambda:UpdateFunctionConfiguration`],
        assumes: `${roleId}/in-function`,
      },
      {
        id: `function/${name}/pass-role`,
        operations: [`function/${name}/pass-role-to-lambda`, 'permission/other-function/lambda:UpdateFunctionCode'],
        assumes: `${roleId}/in-other-function`,
      },
    ];
  });
}

/** The policies of the key of a queue or table. */
const keyPolicies = (deployment: Deployment, { keyArn }: StoreModel) => deployment.keys.filter(({ arn }) => arn === keyArn).map(({ policy }) => policy);

/**
 * A key that is replaced protects nothing that is sent from then on; dead-letter messages keep that of their
 * source queue.
 */
function queueSteps(deployment: Deployment): EscalationStep[] {
  const deadLetterArns = new Set(deployment.queues.map(({ deadLetterArn }) => deadLetterArn));
  return deployment.queues.map((queue): EscalationStep => {
    const id = `queue/${idName(deployment, queue.name)}` as const;
    const keys = deadLetterArns.has(queue.arn) ? [] : keyPolicies(deployment, queue);
    return {
      id: keys.length > 0 ? `${id}/change-policy-and-key` : `${id}/change-policy`,
      operations: [`${id}/set-attributes`],
      exposes: [...(queue.policy ? [queue.policy] : []), ...keys],
    };
  });
}

/** A key that is replaced protects nothing that is written from then on. */
function tableSteps(deployment: Deployment): EscalationStep[] {
  return deployment.tables.flatMap((table): EscalationStep[] => {
    const name = idName(deployment, table.name);
    return [
      {
        id: `table/${name}/change-policy`,
        operations: [`permission/table/${name}/dynamodb:PutResourcePolicy`],
        exposes: table.policy ? [table.policy] : [],
      },
      { id: `table/${name}/change-key`, operations: [`permission/table/${name}/dynamodb:UpdateTable`], exposes: keyPolicies(deployment, table) },
    ];
  });
}
