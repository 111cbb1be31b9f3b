import { changesOf, type TerraformDocument } from '../graph/terraform-json';
import type { AccessModel } from '../model/access-model';
import { type WiderStatement, widening } from './wider-statements';

/**
 * What could not be read and is new with plans, or belongs to a resource that they change or delete: nobody has decided what it
 * means to access.
 *
 * @param told addresses of which it is told already
 */
export function undecidedChanges(
  documents: readonly TerraformDocument[],
  before: AccessModel | undefined,
  after: AccessModel | undefined,
  told: ReadonlySet<string> = new Set(),
): WiderStatement[] {
  const actions = new Map(documents.flatMap(changesOf).map((change) => [change.address, change.actions]));
  const isChanged = (address: string) => !(actions.get(address) ?? ['no-op']).includes('no-op');
  const isDeleted = (address: string) => actions.get(address)?.join() === 'delete';
  const was = new Set((before?.undetermined ?? []).map(idOf));
  const open = [
    ...(after?.undetermined ?? []).filter((reason) => !was.has(idOf(reason)) || isChanged(reason.address)),
    ...(before?.undetermined ?? []).filter(({ address }) => isDeleted(address)),
  ];
  return open.filter(({ address }) => !told.has(address)).map(notDecided);
}

type Undecided = AccessModel['undetermined'][number];

const idOf = ({ address, reason }: Undecided) => `${address} ${reason}`;

/** What could not be read, as it is told. */
export const notDecided = ({ address, reason }: Undecided): WiderStatement => ({
  ...widening(address, '', `not decided: ${reason}`),
  id: `${address} | not-decided | ${reason}`,
  undetermined: true,
  address,
});
