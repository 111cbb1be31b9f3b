import { formatArn } from '../../evaluator/arn';
import type { Deployment, PolicySource } from '../graph/deployment';
import type { AccessModel, Identity, ProtectedResource } from './access-model';

/** The model of a deployment of the application. Each group, and each two of them, has a member that nobody deployed. */
export function modelOfDeployment(deployment: Deployment): AccessModel {
  const { partition, account, region } = deployment;
  return { partition, account, region, identities: [...rolesOf(deployment), ...usersOf(deployment)], resources: resourcesOf(deployment), undetermined: [] };
}

function rolesOf({ roles }: Deployment): Identity[] {
  return roles.map(({ name, arn, policies, boundary, trust }) => ({
    id: `role ${name}`,
    address: trust.address,
    kind: 'role',
    arn,
    policies,
    boundary: boundary ? [boundary] : [],
    tags: 'unknown',
  }));
}

function usersOf(deployment: Deployment): Identity[] {
  const { groups, users, memberships } = deployment;
  const named = groups.flatMap(({ name, policies }, index) => [
    { id: `members of the group ${name}`, name: `member-of-${name}`, policies },
    ...groups.slice(index + 1).map((other) => ({
      id: `members of the groups ${name} and ${other.name}`,
      name: `member-of-${name}-and-${other.name}`,
      policies: [...policies, ...other.policies],
    })),
  ]);
  const deployed = users.map((user) => ({
    id: `user ${user}`,
    name: user,
    policies: groups
      .filter(({ name }) => memberships.some((membership) => membership.user === user && membership.group === name))
      .flatMap(({ policies }) => policies),
  }));
  return [...named, ...deployed].map(({ id, name, policies }) => userOf(deployment, id, name, policies));
}

function userOf({ partition, account }: Deployment, id: string, name: string, policies: readonly PolicySource[]): Identity {
  const arn = formatArn({ partition, service: 'iam', region: '', account, resource: `user/${name}` });
  return { id, address: id, kind: 'user', arn, policies, boundary: [], tags: 'unknown' };
}

function resourcesOf({ roles, keys, queues, tables, functions }: Deployment): ProtectedResource[] {
  const plain = { parts: [], grants: [], tags: 'unknown' } as const;
  return [
    ...roles.map(
      ({ name, arn, trust }): ProtectedResource => ({
        ...plain,
        id: `trust of ${name}`,
        address: trust.address,
        type: 'aws_iam_role',
        arn,
        kind: 'trust',
        policy: trust,
      }),
    ),
    ...keys.map(
      ({ name, arn, policy, grants }): ProtectedResource => ({
        ...plain,
        id: `key ${name}`,
        address: policy.address,
        type: 'aws_kms_key',
        arn,
        kind: 'key',
        policy,
        grants,
      }),
    ),
    ...queues.map(
      ({ name, arn, policy, keyArn }): ProtectedResource => ({
        ...plain,
        id: `queue ${name}`,
        address: name,
        type: 'aws_sqs_queue',
        arn,
        kind: 'resource',
        policy,
        keyArn,
      }),
    ),
    ...tables.map(
      ({ name, arn, policy, keyArn }): ProtectedResource => ({
        ...plain,
        id: `table ${name}`,
        address: name,
        type: 'aws_dynamodb_table',
        arn,
        parts: [`${arn}/*`],
        kind: 'resource',
        policy,
        keyArn,
      }),
    ),
    ...functions.map(
      ({ name, arn, policy }): ProtectedResource => ({
        ...plain,
        id: `function ${name}`,
        address: name,
        type: 'aws_lambda_function',
        arn,
        parts: [`${arn}:*`],
        kind: 'resource',
        policy,
      }),
    ),
  ];
}
