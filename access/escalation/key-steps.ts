import { formatArn } from '../../evaluator/arn';
import { type Deployment, type KeyModel, policySourceId } from '../graph/deployment';
import { idName, type OperationStep, queueContext, tableContext, throughService } from '../matrix/operation';
import { allOf, type EscalationStep, type Need, type PolicyChange, request } from './escalation-step';

/**
 * Whatever opens a key, or puts another one in its place for what is written from then on.
 *
 * Sources: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html (a replica has a policy of its
 * own), https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html (who may point an alias to another key),
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
 */
export const keySteps = (deployment: Deployment): EscalationStep[] =>
  deployment.keys.flatMap((key): EscalationStep[] => {
    const id = `key/${idName(deployment, key.name)}` as const;
    const changes: PolicyChange[] = [{ becomes: 'open', sourceId: policySourceId(key.policy) }];
    return [
      { id: `${id}/change-policy`, needs: allOf(`${id}/change-policy`), changes },
      { id: `${id}/create-grant`, needs: allOf(`${id}/CreateGrant-directly`), changes },
      { id: `${id}/replicate`, needs: allOf(onKey(key, 'ReplicateKey')), changes },
      ...aliasSteps(deployment, key).map((needs): EscalationStep => ({ id: `${id}/move-alias`, needs, changes })),
      { id: `${id}/re-encrypt`, needs: [reEncryptions(deployment, key), [{ anyOf: ['kms:ReEncryptTo'], inAnyAccount: true }]], changes },
    ];
  });

const onKey = ({ arn, policy, grants }: KeyModel, action: string): OperationStep => ({ ...request(`kms:${action}`, arn, policy), grants });

/** An alias is moved, or made again; either takes permission on the alias, and on the keys that it leaves and comes to. */
function aliasSteps({ partition, region, account }: Deployment, key: KeyModel): EscalationStep['needs'][] {
  const alias = formatArn({ partition, service: 'kms', region, account, resource: `alias/${key.name}` });
  const both = (action: string) => allOf(request(`kms:${action}`, alias), onKey(key, action));
  return [both('UpdateAlias'), [...both('DeleteAlias'), [request('kms:CreateAlias', alias), onKey(key, 'CreateAlias')]]];
}

/** Only data whose encryption context one knows: none, or that of a queue or table. */
function reEncryptions(deployment: Deployment, key: KeyModel): Need[] {
  const contexts = [...deployment.queues.map(({ arn }) => queueContext(arn)), ...deployment.tables.map(({ name }) => tableContext(name, deployment.account))];
  const direct = { 'aws:CalledVia': [], 'kms:ViaService': [] };
  return [
    onKey(key, 'ReEncryptFrom'),
    ...contexts.flatMap((context) =>
      throughService(deployment, key.arn, ['ReEncryptFrom'], 'sqs', context).map((step) => ({ ...step, context: { ...step.context, ...direct } })),
    ),
  ];
}
