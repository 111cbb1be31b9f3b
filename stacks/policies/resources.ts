import type { Arns } from '../names';
import { policy, type Statement } from './document';

/** Everybody, always: no plain text on the way. */
function tlsOnly(service: 'sqs' | 'dynamodb', resource: string): Statement {
  return {
    Sid: 'DenyPlainTextToEverybody',
    Effect: 'Deny',
    Principal: '*',
    Action: `${service}:*`,
    Resource: resource,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

function onlyFor(sid: string, actions: readonly string[], resource: string, principals: readonly string[]): Statement {
  return { Sid: sid, Effect: 'Deny', Principal: '*', Action: actions, Resource: resource, Condition: { ArnNotEquals: { 'aws:PrincipalArn': principals } } };
}

const RECEIVE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'];

/** The queue: producers send (and operators, by a redrive), the consumer receives. Both roles of the producer pair alike. */
export function queuePolicy(arns: Arns) {
  return policy(
    tlsOnly('sqs', arns.queue),
    onlyFor('DenySendToAllButProducers', ['sqs:SendMessage'], arns.queue, [
      arns.role('SQSAccessRole'),
      arns.role('SQSAccessNotAllowedRole'),
      arns.role('OperatorRole'),
    ]),
    onlyFor('DenyReceiveToAllButConsumer', RECEIVE, arns.queue, [arns.executionRole]),
  );
}

/** The dead-letter queue: operators receive; nobody sends, SQS itself moves dead-letter messages there. */
export function deadLetterQueuePolicy(arns: Arns) {
  return policy(
    tlsOnly('sqs', arns.deadLetterQueue),
    { Sid: 'DenySendToEverybody', Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: arns.deadLetterQueue },
    onlyFor('DenyReceiveToAllButOperators', RECEIVE, arns.deadLetterQueue, [arns.role('OperatorRole')]),
  );
}

/** Reading and writing items, by any operation that DynamoDB has. */
const ITEMS = [
  'BatchGetItem',
  'BatchWriteItem',
  'ConditionCheckItem',
  'DeleteItem',
  'GetItem',
  'PartiQLDelete',
  'PartiQLInsert',
  'PartiQLSelect',
  'PartiQLUpdate',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
].map((name) => `dynamodb:${name}`);

/**
 * The table: principals that select its key could decrypt through DynamoDB, so exactly these are kept from the items. For
 * DeployerRole that is a second lock (second-locks.ts): its own policy allows it no item.
 */
export function tablePolicy(arns: Arns, deployers: string | readonly string[]) {
  return policy(tlsOnly('dynamodb', arns.table), {
    Sid: 'DenyItemsToDeployers',
    Effect: 'Deny',
    Principal: { AWS: deployers },
    Action: ITEMS,
    Resource: arns.table,
  });
}
