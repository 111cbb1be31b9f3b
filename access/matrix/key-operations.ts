import type { ContextInput } from '../../evaluator/request';
import { UNKNOWN } from '../../evaluator/unknown';
import type { Deployment, KeyModel } from '../graph/deployment';
import { granting, type KeyUser, type OperationModel, queueContext, type Step, shortName, tableContext, throughService } from './operation';
import { FOREIGN_ACCOUNT } from './principals';

const CRYPTOGRAPHY = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'CreateGrant'];
/** What a service could ask of KMS for its caller; the last one no service here asks. */
const THROUGH = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'CreateGrant',
  'GenerateDataKeyPair',
];

/** What is asked in ways that no honest request takes: directly, or through the other service. */
const FEW = ['Decrypt', 'GenerateDataKey', 'CreateGrant'];

/** What CloudWatch Logs needs of the key of a log group. */
const LOGS = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
const DIRECT = { 'aws:CalledVia': [], 'kms:ViaService': [], 'aws:SourceIp': UNKNOWN };

/** What people do to keys, or with them directly. */
export const keyOperations = (deployment: Deployment): OperationModel[] =>
  deployment.keys.flatMap((key: KeyModel): OperationModel[] => {
    const name = `key ${shortName(deployment, key.name)}`;
    const step = (action: string, context?: ContextInput): Step => ({
      action: `kms:${action}`,
      resource: key.arn,
      policy: key.policy,
      grants: key.grants,
      context,
    });
    return [
      ...CRYPTOGRAPHY.map((action) => ({
        name: `${name}: ${action} directly`,
        steps: [step(action, action === 'CreateGrant' ? { 'kms:GrantIsForAWSResource': 'false' } : undefined)],
      })),
      { name: `${name}: see`, steps: [step('DescribeKey')] },
      { name: `${name}: change its policy`, steps: [step('PutKeyPolicy')] },
      { name: `${name}: disable`, steps: [step('DisableKey')] },
      { name: `${name}: schedule its deletion`, steps: [step('ScheduleKeyDeletion')] },
      { name: `${name}: cancel its deletion`, steps: [step('CancelKeyDeletion')] },
    ];
  });

/** The requests of KMS alone: what the service in front of it refuses does not hide what the key policy would let through. */
export function keyUseOperations(deployment: Deployment): OperationModel[] {
  const ofQueues = deployment.queues
    .filter((queue) => queue.deadLetterArn)
    .flatMap((queue) => {
      const name = shortName(deployment, queue.name);
      return keyUse(deployment, `key of ${name}`, queue.keyArn, 'sqs', {
        [name]: queueContext(queue.arn),
        'its dead letters': queueContext(String(queue.deadLetterArn)),
        'another queue': queueContext(`${queue.arn}-other`),
      });
    });
  const ofTables = deployment.tables.flatMap((table) => {
    const name = shortName(deployment, table.name);
    return keyUse(deployment, `key of ${name}`, table.keyArn, 'dynamodb', {
      [name]: tableContext(table.name, deployment.account),
      'another table': tableContext(`${table.name}-other`, deployment.account),
      'another account': tableContext(table.name, FOREIGN_ACCOUNT),
    });
  });
  return [...ofQueues, ...ofTables];
}

type Contexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

function keyUse(deployment: Deployment, name: string, keyArn: string | undefined, service: KeyUser, contexts: Contexts): OperationModel[] {
  return Object.entries(contexts).flatMap(([where, context]): OperationModel[] => {
    const through = (user: KeyUser, actions: readonly string[]) =>
      actions.flatMap((action) =>
        // KMS takes a grant for one of an AWS resource exactly when a service asks for it.
        throughService(deployment, keyArn, [action], user, context).map((step) => ({
          name: `${name}: ${action} through ${user} for ${where}`,
          steps: [action === 'CreateGrant' ? granting(step, true) : step],
        })),
      );
    const directly = FEW.flatMap((action) =>
      throughService(deployment, keyArn, [action], service, context).map((step) => {
        const alone = { ...step, context: { ...step.context, ...DIRECT } };
        return { name: `${name}: ${action} directly, as if for ${where}`, steps: [action === 'CreateGrant' ? granting(alone, false) : alone] };
      }),
    );
    return [...through(service, THROUGH), ...through(service === 'sqs' ? 'dynamodb' : 'sqs', FEW), ...directly];
  });
}

/** What CloudWatch Logs asks of KMS in its own name. */
export function logsKeyOperations(deployment: Deployment): OperationModel[] {
  const key = deployment.keys.find((one) => one.name.endsWith('logs'));
  if (!key) return [];
  const use = (groupArn: string, actions: readonly string[]): Step[] =>
    actions.map((action) => ({
      action: `kms:${action}`,
      resource: key.arn,
      policy: key.policy,
      grants: key.grants,
      context: { 'kms:EncryptionContext:aws:logs:arn': groupArn },
    }));
  return [
    ...deployment.logGroups.map((group) => ({
      name: `key ${shortName(deployment, key.name)}: encrypt the logs of ${shortName(deployment, group.name.split('/').at(-1) ?? '')}`,
      steps: use(group.arn, LOGS),
    })),
    ...deployment.logGroups.map((group) => ({
      name: `key ${shortName(deployment, key.name)}: make key pairs for the logs of ${shortName(deployment, group.name.split('/').at(-1) ?? '')}`,
      steps: use(group.arn, ['GenerateDataKeyPair']),
    })),
    {
      name: `key ${shortName(deployment, key.name)}: encrypt other logs`,
      steps: use(`arn:${deployment.partition}:logs:${deployment.region}:${deployment.account}:log-group:other`, LOGS),
    },
  ];
}
