import type { TerraformDocument } from '../graph/terraform-json';
import { functionLosses } from './function-losses';
import type { Loss } from './loss';
import { redriveLosses } from './redrive-losses';
import { resourcePairs } from './resource-pairs';
import { retentionLosses } from './retention-losses';
import { itemLosses } from './table-losses';

/** What data loses by the values of resources, where no policy says so: how long it is kept, and where it goes. */
export function dataLosses(documents: readonly TerraformDocument[]): Loss[] {
  const pairs = resourcePairs(documents);
  return pairs.flatMap((pair) => [...retentionLosses(pair), ...itemLosses(pair), ...functionLosses(pair), ...redriveLosses(pair, pairs)]);
}
