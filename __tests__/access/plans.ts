import { STACKS } from '../../access/application';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { type AccessChange, accessChange } from '../../access/plan/access-change';
import { readJson } from './fixtures';

export interface Resource {
  address: string;
  type: string;
  mode: 'managed' | 'data';
  values: Record<string, unknown>;
}
export interface State {
  values: { root_module: { resources: Resource[] } };
}

type ResourceChange = NonNullable<TerraformDocument['resource_changes']>[number];

export const state = (stack: string) => readJson(`__tests__/access/fixtures/${stack}.json`) as State;

/** What a plan says beyond the values before and after: addresses of replaced resources, attributes that an apply will tell. */
interface PlanDetails {
  readonly replaced?: ReadonlySet<string>;
  readonly unknown?: ReadonlyMap<string, readonly string[]>;
}

/** A plan that leads from one state to another, in the form of terraform show -json. */
export function planBetween(before: State, after: State, { replaced = new Set(), unknown = new Map() }: PlanDetails = {}): TerraformDocument {
  const [earlier, later] = [before, after].map(({ values }) => new Map(values.root_module.resources.map((resource) => [resource.address, resource])));
  const planned = [...(later?.values() ?? [])]
    .filter(({ mode }) => mode === 'managed')
    .map((resource) => ({
      ...resource,
      values: Object.fromEntries(Object.entries(resource.values).filter(([name]) => !unknown.get(resource.address)?.includes(name))),
    }));
  const changes = [...new Map([...(earlier ?? []), ...(later ?? [])]).values()].flatMap(({ address, type, mode }): ResourceChange[] => {
    const [old, now] = [earlier?.get(address), later?.get(address)];
    const actions = actionsOn(old, now, replaced.has(address), unknown.has(address));
    if (mode !== 'managed' || actions.length === 0) return [];
    const unknownAttributes = (unknown.get(address) ?? []).map((name): [string, boolean] => [name, true]);
    return [{ address, type, mode, change: { actions, after_unknown: Object.fromEntries(unknownAttributes) } }];
  });
  return { prior_state: before, planned_values: { root_module: { resources: planned } }, resource_changes: changes };
}

function actionsOn(old: Resource | undefined, now: Resource | undefined, isReplaced: boolean, isUnclear: boolean): string[] {
  if (!old) return ['create'];
  if (!now) return ['delete'];
  if (isReplaced) return ['delete', 'create'];
  return isUnclear || JSON.stringify(old.values) !== JSON.stringify(now.values) ? ['update'] : [];
}

/** A state with other resources. */
export const withResources = (resources: readonly Resource[]): State => ({ values: { root_module: { resources: [...resources] } } });

/** A plan that changes some resources of a deployed stack. */
export function planOf(stack: string, change: (resource: Resource) => Record<string, unknown> | 'unknown policy' | 'destroy' | undefined): TerraformDocument {
  const before = state(stack);
  const unknown = new Map<string, string[]>();
  const after = before.values.root_module.resources.flatMap((resource) => {
    const changed = change(resource);
    if (changed === 'destroy') return [];
    if (changed === 'unknown policy') unknown.set(resource.address, ['policy']);
    return [typeof changed === 'object' ? { ...resource, values: { ...resource.values, ...changed } } : resource];
  });
  return planBetween(before, withResources(after), { unknown });
}

/** A plan that makes more resources: type, values, and attributes that only an apply will tell. */
export function planAdding(
  stack: string,
  ...more: readonly (readonly [type: string, values: Record<string, unknown>, unknown?: Record<string, true>])[]
): TerraformDocument {
  const before = state(stack);
  const created = more.map(([type, values]): Resource => ({ address: `${type}.more`, type, mode: 'managed', values }));
  const unknown = new Map(more.map(([type, , attributes = {}]) => [`${type}.more`, Object.keys(attributes)]));
  return planBetween(before, withResources([...before.values.root_module.resources, ...created]), { unknown });
}

export const others = (stack: string): TerraformDocument[] => STACKS.filter((other) => other !== stack).map(state);

/** Edits the statements of a policy attribute. */
export function editing(resource: Resource, attribute: string, edit: (statements: Record<string, unknown>[]) => void): Record<string, unknown> {
  const document = JSON.parse(String(resource.values[attribute])) as { Statement: Record<string, unknown>[] };
  edit(document.Statement);
  return { [attribute]: JSON.stringify(document) };
}

export const isKey = (resource: Resource, description: string) =>
  resource.type === 'aws_kms_key' && String(resource.values.description).startsWith(description);
export const statement = (statements: Record<string, unknown>[], sid: string) => statements.find(({ Sid }) => Sid === sid) as Record<string, unknown>;
export const changeOf = (stack: string, change: Parameters<typeof planOf>[1]): AccessChange => accessChange([...others(stack), planOf(stack, change)]);
export const gains = (change: AccessChange) => change.gained.map(({ actor, operation }) => `${actor} | ${operation}`);
