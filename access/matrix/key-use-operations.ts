import { UNKNOWN } from '../../evaluator/unknown';
import type { Deployment } from '../graph/deployment';
import { FOREIGN_ACCOUNT, similarName } from './decoys';
import type { OperationId } from './ids';
import { granting, idName, type KeyUser, type OperationModel, queueContext, tableContext, throughService } from './operation';

/** What a service could ask of KMS for its caller; the last one no service here asks. */
const SERVICE_ACTIONS = [
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
const DISHONEST_ACTIONS = ['Decrypt', 'GenerateDataKey', 'CreateGrant'];

/** What a request lacks that no service makes for its caller. */
const DIRECT = { 'aws:CalledVia': [], 'kms:ViaService': [], 'aws:SourceIp': UNKNOWN };

type EncryptionContext = Readonly<Record<string, string>>;

/** A key as one queue or table uses it. */
interface KeyUse {
  readonly id: `key-of-queue/${string}` | `key-of-table/${string}`;
  readonly keyArn: string | undefined;
  readonly service: KeyUser;
  /** Encryption contexts of whose data one may ask, by the last part of the id. */
  readonly contexts: Readonly<Record<string, EncryptionContext>>;
}

/**
 * The requests of KMS alone: what the service in front of it refuses does not hide what the key policy would
 * let through.
 */
export function keyUseOperations(deployment: Deployment): OperationModel[] {
  const { queues, tables, account } = deployment;
  const ofQueues = queues.flatMap(({ name, arn, keyArn, deadLetterArn }): KeyUse[] => {
    if (!deadLetterArn) return [];
    const contexts = { own: queueContext(arn), 'dead-letters': queueContext(deadLetterArn), 'other-queue': queueContext(similarName(arn)) };
    return [{ id: `key-of-queue/${idName(deployment, name)}`, keyArn, service: 'sqs', contexts }];
  });
  const ofTables = tables.map(({ name, keyArn }): KeyUse => {
    const contexts = {
      own: tableContext(name, account),
      'other-table': tableContext(similarName(name), account),
      'other-account': tableContext(name, FOREIGN_ACCOUNT),
    };
    return { id: `key-of-table/${idName(deployment, name)}`, keyArn, service: 'dynamodb', contexts };
  });
  return [...ofQueues, ...ofTables].flatMap((use) => operationsOfUse(deployment, use));
}

function operationsOfUse(deployment: Deployment, use: KeyUse): OperationModel[] {
  const { service } = use;
  return Object.entries(use.contexts).flatMap(([contextName, context]) => [
    ...throughOperations(deployment, use, service, SERVICE_ACTIONS, contextName, context),
    ...throughOperations(deployment, use, service === 'sqs' ? 'dynamodb' : 'sqs', DISHONEST_ACTIONS, contextName, context),
    ...directOperations(deployment, use, contextName, context),
  ]);
}

function throughOperations(
  deployment: Deployment,
  { id, keyArn }: KeyUse,
  service: KeyUser,
  actions: readonly string[],
  contextName: string,
  context: EncryptionContext,
): OperationModel[] {
  return actions.flatMap((action) =>
    // KMS takes a grant for one of an AWS resource exactly when a service asks for it.
    throughService(deployment, keyArn, [action], service, context).map(
      (step): OperationModel => ({
        id: `${id}/${action}/through-${service}/${contextName}` satisfies OperationId,
        steps: [action === 'CreateGrant' ? granting(step, true) : step],
      }),
    ),
  );
}

function directOperations(deployment: Deployment, { id, keyArn, service }: KeyUse, contextName: string, context: EncryptionContext): OperationModel[] {
  return DISHONEST_ACTIONS.flatMap((action) =>
    throughService(deployment, keyArn, [action], service, context).map((step): OperationModel => {
      const direct = { ...step, context: { ...step.context, ...DIRECT } };
      return { id: `${id}/${action}/directly/${contextName}`, steps: [action === 'CreateGrant' ? granting(direct, false) : direct] };
    }),
  );
}
