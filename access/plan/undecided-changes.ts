import { kindOf } from '../graph/kinds/kinds';
import { changesOf, isPlan, type TerraformDocument } from '../graph/terraform-json';
import { resourcesBefore, resourcesOf } from '../graph/terraform-resource';
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
  return [...open.filter(({ address }) => !told.has(address)), ...competingPolicies(documents, after), ...forgotten(documents)].map(notDecided);
}

/** Policies that a resource sets itself although another resource sets them as well: which of them counts is decided by the order of the apply. */
function competingPolicies(documents: readonly TerraformDocument[], after: AccessModel | undefined): Undecided[] {
  const was = new Map(documents.flatMap(resourcesBefore).map((resource) => [resource.address, resource]));
  const holders = new Map((after?.resources ?? []).map(({ address, policy }) => [address, policy?.address]));
  return documents
    .filter(isPlan)
    .flatMap(resourcesOf)
    .flatMap((resource): Undecided[] => {
      const kind = kindOf(resource.type);
      const attribute = kind && 'policy' in kind ? kind.policy?.attribute : undefined;
      const holder = holders.get(resource.address);
      const earlier = was.get(resource.address);
      if (attribute === undefined || holder === undefined || holder === resource.address || earlier === undefined) return [];
      const isChanged = resource.unknown[attribute] !== true && JSON.stringify(resource.values[attribute]) !== JSON.stringify(earlier.values[attribute]);
      return isChanged
        ? [{ address: resource.address, reason: `its ${attribute} changes, although ${holder} sets it as well: which of them counts is not known` }]
        : [];
    });
}

/** What Terraform no longer manages stays in place with all that it means to access. */
function forgotten(documents: readonly TerraformDocument[]): Undecided[] {
  const changes = documents.flatMap(changesOf).filter(({ actions }) => actions.includes('forget'));
  return changes.map(({ address }) => ({ address, reason: 'Terraform forgets it and leaves it in place: what it means to access stays' }));
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
