import type { Deployment } from '../graph/deployment';
import { functionOperations, logOperations, roleOperations } from './account-operations';
import { queueOperations, tableOperations } from './data-operations';
import { keyOperations, keyUseOperations, logsKeyOperations } from './key-operations';
import { managementOf } from './management';
import type { OperationModel } from './operation';

/** Everything that the matrix asks of a deployment. Names leave the common prefix out. */
export function operationsOf(deployment: Deployment): OperationModel[] {
  return [
    queueOperations,
    tableOperations,
    keyUseOperations,
    keyOperations,
    roleOperations,
    functionOperations,
    logOperations,
    logsKeyOperations,
    managementOf,
  ].flatMap((operations) => operations(deployment));
}
