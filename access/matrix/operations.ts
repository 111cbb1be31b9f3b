import type { Deployment } from '../graph/deployment';
import { functionOperations, logOperations, roleOperations } from './account-operations';
import { keyOperations, logsKeyOperations } from './key-operations';
import { keyUseOperations } from './key-use-operations';
import { managementOperations } from './management';
import type { OperationModel } from './operation';
import { queueOperations } from './queue-operations';
import { tableOperations } from './table-operations';
import { requireUniqueIds } from './unique-ids';

/**
 * Everything that the matrix asks of a deployment.
 *
 * @throws DeploymentError when two operations would have the same id
 */
export function operationsOf(deployment: Deployment): OperationModel[] {
  const operations = [
    queueOperations,
    tableOperations,
    keyUseOperations,
    keyOperations,
    roleOperations,
    functionOperations,
    logOperations,
    logsKeyOperations,
    managementOperations,
  ].flatMap((operationsOfKind) => operationsOfKind(deployment));
  requireUniqueIds(operations, 'operations');
  return operations;
}
