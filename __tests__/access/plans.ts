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

/** A plan that changes some resources of a deployed stack, in the form of terraform show -json. */
export function planOf(stack: string, change: (resource: Resource) => Record<string, unknown> | 'unknown policy' | 'destroy' | undefined): TerraformDocument {
  const before = state(stack);
  const after = state(stack);
  const changes: ResourceChange[] = [];
  after.values.root_module.resources = after.values.root_module.resources.flatMap((resource) => {
    const changed = change(resource);
    if (changed === undefined) return [resource];
    const entry: ResourceChange = {
      address: resource.address,
      type: resource.type,
      mode: 'managed',
      change: { actions: ['update'], after_unknown: {} },
    };
    if (changed === 'destroy') {
      changes.push({ ...entry, change: { ...entry.change, actions: ['delete'] } });
      return [];
    }
    if (changed === 'unknown policy') {
      changes.push({ ...entry, change: { ...entry.change, after_unknown: { policy: true } } });
      const { policy: _policy, ...values } = resource.values;
      return [{ ...resource, values }];
    }
    changes.push(entry);
    return [{ ...resource, values: { ...resource.values, ...changed } }];
  });
  return {
    prior_state: before,
    planned_values: { root_module: { resources: after.values.root_module.resources.filter(({ mode }) => mode === 'managed') } },
    resource_changes: changes,
  };
}

/** A plan that makes more resources: type, values, and attributes that only an apply will tell. */
export function planAdding(
  stack: string,
  ...more: readonly (readonly [type: string, values: Record<string, unknown>, unknown?: Record<string, true>])[]
): TerraformDocument {
  const plan = planOf(stack, () => undefined);
  const resources: Resource[] = [];
  const changes: ResourceChange[] = [];
  for (const [type, values, unknown = {}] of more) {
    const address = `${type}.more`;
    resources.push({ address, type, mode: 'managed', values });
    changes.push({ address, type, mode: 'managed', change: { actions: ['create'], after_unknown: unknown } });
  }
  const planned = [...(plan.planned_values?.root_module?.resources ?? []), ...resources];
  return { ...plan, planned_values: { root_module: { resources: planned } }, resource_changes: [...(plan.resource_changes ?? []), ...changes] };
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
