import { formatArn } from '../../evaluator/arn';
import type { ContextInput } from '../../evaluator/request';
import { alarmName } from '../application';
import { type Deployment, managedPolicyName, type PolicySource } from '../graph/deployment';
import { decoyArns, decoyTrust, LOG_STREAM } from './decoys';
import { policyLabel } from './id-labels';
import table from './management.json';
import { idName, idOfLogs, logGroupTarget, type OperationModel, viaService } from './operation';

/** A resource on which single actions are asked about. */
interface ManagedResource {
  readonly kind: keyof typeof table;
  /** Which of its kind, where there can be several. */
  readonly name?: string;
  readonly resource: string;
  readonly policy?: PolicySource;
  readonly context?: ContextInput;
}

/**
 * Single actions by which resources are managed, of management.json: on everything deployed, and on decoys of
 * the same kinds that are none of this deployment's business.
 */
export function managementOperations(deployment: Deployment): OperationModel[] {
  const resources = [
    ...deployedData(deployment),
    ...deployedFunctions(deployment),
    ...deployedKeys(deployment),
    ...deployedLogs(deployment),
    ...deployedIdentities(deployment),
    ...accountResources(deployment),
    ...decoys(deployment),
  ];
  return resources.flatMap(({ kind, name, resource, policy, context }) =>
    table[kind].map(
      (action): OperationModel => ({
        id: `permission/${name === undefined ? kind : (`${kind}/${name}` as const)}/${action}`,
        steps: [{ action, resource: targetOf(kind, action, resource), policy: takesPolicy(action) ? policy : undefined, context }],
      }),
    ),
  );
}

const targetOf = (kind: ManagedResource['kind'], action: string, resource: string) =>
  kind === 'log-group' || kind === 'other-log-group' ? logGroupTarget(action, resource) : resource;

/** Trust policies are about sts only; all other actions on a role have no resource policy. */
const takesPolicy = (action: string) => !action.startsWith('iam:');

/** Resources of IAM in the account of the deployment. */
const iamArn = ({ partition, account }: Deployment, resource: string) => formatArn({ partition, service: 'iam', region: '', account, resource });
const regionalArn = ({ partition, region, account }: Deployment, service: string, resource: string) =>
  formatArn({ partition, service, region, account, resource });

/** Mappings get their ids from AWS; policies name them by their function. */
const mappingArn = (deployment: Deployment) => regionalArn(deployment, 'lambda', 'event-source-mapping:11112222-3333-4444-5555-666677778888');

function deployedData(deployment: Deployment): ManagedResource[] {
  return [
    ...deployment.queues.flatMap(({ name, arn, policy }): ManagedResource[] => {
      const queue = { name: idName(deployment, name), resource: arn, policy };
      return [
        { kind: 'queue', ...queue },
        { kind: 'queue-through-sqs', ...queue, context: viaService('sqs') },
      ];
    }),
    ...deployment.tables.map(({ name, arn, policy }): ManagedResource => ({ kind: 'table', name: idName(deployment, name), resource: arn, policy })),
  ];
}

const deployedFunctions = (deployment: Deployment) =>
  deployment.functions.flatMap(({ name, arn, policy }): ManagedResource[] => [
    { kind: 'function', name: idName(deployment, name), resource: arn, policy },
    { kind: 'mapping', name: idName(deployment, name), resource: mappingArn(deployment), context: { 'lambda:FunctionArn': arn } },
  ]);

const deployedKeys = (deployment: Deployment) =>
  deployment.keys.flatMap(({ name, arn, policy }): ManagedResource[] => [
    { kind: 'key', name: idName(deployment, name), resource: arn, policy },
    { kind: 'alias', name: idName(deployment, name), resource: regionalArn(deployment, 'kms', `alias/${name}`) },
  ]);

const deployedLogs = (deployment: Deployment) =>
  deployment.logGroups.flatMap(({ name, arn }): ManagedResource[] => [
    { kind: 'log-group', name: idOfLogs(deployment, name), resource: arn },
    { kind: 'log-stream', name: idOfLogs(deployment, name), resource: `${arn}:log-stream:${LOG_STREAM}` },
  ]);

function deployedIdentities(deployment: Deployment): ManagedResource[] {
  const policies = new Set(deployment.roles.flatMap((role) => role.policies.flatMap((policy) => managedPolicyName(policy) ?? [])));
  return [
    ...deployment.roles.map(({ name, arn, trust }): ManagedResource => ({ kind: 'role', name: idName(deployment, name), resource: arn, policy: trust })),
    ...[...policies].map((name): ManagedResource => {
      return { kind: 'policy', name: idName(deployment, name), resource: iamArn(deployment, `policy/${name}`) };
    }),
    ...deployment.groups.map(({ name }): ManagedResource => {
      return { kind: 'group', name: idName(deployment, name), resource: iamArn(deployment, `group/${name}`) };
    }),
    // Settings name the deployed user: its own name is in no id.
    ...deployment.users.map((name, index): ManagedResource => {
      return { kind: 'deployed-user', name: index === 0 ? undefined : String(index + 1), resource: iamArn(deployment, `user/${name}`) };
    }),
  ];
}

function accountResources(deployment: Deployment): ManagedResource[] {
  const arns = decoyArns(deployment);
  return [
    { kind: 'alarms', resource: regionalArn(deployment, 'cloudwatch', `alarm:${alarmName(deployment.prefix)}`) },
    { kind: 'own-user', resource: arns.ownUser },
    { kind: 'own-mfa-device', resource: arns.ownMfaDevice },
    // What has no resource of its own is this account's.
    { kind: 'account', resource: '*', context: { 'aws:ResourceAccount': deployment.account } },
  ];
}

const TRUST_OF_DECOY = 'trust/decoy' as const;

function decoys(deployment: Deployment): ManagedResource[] {
  const arns = decoyArns(deployment);
  const trust: PolicySource = {
    id: TRUST_OF_DECOY,
    address: 'decoy role',
    attribute: 'assume_role_policy',
    name: policyLabel(TRUST_OF_DECOY),
    kind: 'trust',
    text: JSON.stringify(decoyTrust(iamArn(deployment, 'root'))),
  };
  return [
    { kind: 'other-queue', resource: arns.queue },
    { kind: 'other-table', resource: arns.table },
    { kind: 'other-function', resource: arns.function },
    { kind: 'other-mapping', resource: mappingArn(deployment), context: { 'lambda:FunctionArn': arns.function } },
    { kind: 'other-alias', resource: arns.alias },
    { kind: 'other-log-group', resource: arns.logGroup },
    { kind: 'other-log-stream', resource: arns.logStream },
    { kind: 'other-alarm', resource: arns.alarm },
    // Passing it to Lambda is what the condition of PassRole would let through.
    { kind: 'other-role', resource: arns.role, policy: trust, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    { kind: 'other-policy', resource: arns.policy },
    { kind: 'other-group', resource: arns.group },
    { kind: 'other-user', resource: arns.user },
    { kind: 'other-mfa-device', resource: arns.mfaDevice },
  ];
}
