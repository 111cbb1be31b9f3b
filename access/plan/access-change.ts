import { type Deployment, DeploymentError, readDeployment } from '../deployment/deployment';
import { isPlan, resourcesBefore, resourcesOf, type TerraformDocument, type TerraformResource } from '../deployment/terraform-json';
import { type Cell, computeMatrix } from '../matrix/matrix';
import { type Protection, protectionChanges } from './protection';

/** What applying plans would do to access. */
export interface AccessChange {
  readonly gained: readonly Cell[];
  readonly lost: readonly Cell[];
  readonly undetermined: readonly Cell[];
  readonly protections: readonly Protection[];
}

/** Compares the deployment before and after plans; documents that are states stay as they are. */
export function accessChange(documents: readonly TerraformDocument[]): AccessChange {
  const before = cellsOf(documents.flatMap((one) => (isPlan(one) ? resourcesBefore(one) : resourcesOf(one))));
  const after = cellsOf(documents.flatMap(resourcesOf));
  const known = new Map((before?.cells ?? []).map((cell) => [placeOf(cell), cell]));
  const changed = (after?.cells ?? []).filter((cell) => cell.outcome !== (known.get(placeOf(cell))?.outcome ?? 'denied'));
  const remaining = new Set((after?.cells ?? []).map(placeOf));
  const vanished = (before?.cells ?? []).filter((cell) => cell.outcome === 'allowed' && !remaining.has(placeOf(cell)));
  return {
    gained: changed.filter((cell) => cell.outcome === 'allowed'),
    lost: [
      ...changed.filter((cell) => cell.outcome === 'denied' && known.get(placeOf(cell))?.outcome === 'allowed'),
      ...vanished.map((cell) => ({ ...cell, outcome: 'denied' as const, decidedBy: 'it is gone' })),
    ],
    undetermined: changed.filter((cell) => cell.outcome === 'undetermined'),
    protections: protectionChanges(documents, before?.deployment, after?.deployment),
  };
}

const placeOf = ({ actor, operation }: Cell) => `${actor} | ${operation}`;

/** Before the first deployment there is nothing to decide about. */
function cellsOf(resources: readonly TerraformResource[]): { deployment: Deployment; cells: Cell[] } | undefined {
  if (!resources.some((one) => one.mode === 'managed')) return undefined;
  try {
    const deployment = readDeployment(resources);
    return { deployment, cells: computeMatrix(deployment) };
  } catch (error) {
    if (error instanceof DeploymentError && !resources.some((one) => one.mode === 'managed' && one.type.startsWith('aws_'))) return undefined;
    throw error;
  }
}
