import { readFileSync } from 'node:fs';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { type AccessChange, accessChange } from '../../access/plan/access-change';

export interface Resource {
  address: string;
  type: string;
  mode: string;
  values: Record<string, unknown>;
}
export interface State {
  values: { root_module: { resources: Resource[] } };
}

export const state = (stack: string) => JSON.parse(readFileSync(`__tests__/access/fixtures/${stack}.json`, 'utf8')) as State;

/** A plan that changes some resources of a deployed stack, in the form of terraform show -json. */
export function planOf(stack: string, change: (resource: Resource) => Record<string, unknown> | 'unknown policy' | 'destroy' | undefined): TerraformDocument {
  const before = state(stack);
  const after = state(stack);
  const changes: unknown[] = [];
  after.values.root_module.resources = after.values.root_module.resources.flatMap((resource) => {
    const changed = change(resource);
    if (changed === undefined) return [resource];
    const entry = {
      address: resource.address,
      type: resource.type,
      mode: 'managed',
      change: { actions: ['update'], before: resource.values, after_unknown: {} },
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
    planned_values: { root_module: { resources: after.values.root_module.resources.filter((one) => one.mode === 'managed') } },
    resource_changes: changes,
  } as unknown as TerraformDocument;
}

/** A plan that makes more resources: type, values, and attributes that only an apply will tell. */
export function planAdding(
  stack: string,
  ...more: readonly (readonly [type: string, values: Record<string, unknown>, unknown?: Record<string, true>])[]
): TerraformDocument {
  const plan = planOf(stack, () => undefined) as unknown as { planned_values: { root_module: { resources: Resource[] } }; resource_changes: unknown[] };
  for (const [type, values, unknown = {}] of more) {
    const address = `${type}.more`;
    plan.planned_values.root_module.resources.push({ address, type, mode: 'managed', values });
    plan.resource_changes.push({ address, type, mode: 'managed', change: { actions: ['create'], before: null, after_unknown: unknown } });
  }
  return plan as unknown as TerraformDocument;
}

export const others = (stack: string) =>
  ['identity', 'keys', 'dataplane'].filter((one) => one !== stack).map((one) => state(one) as unknown as TerraformDocument);

/** Edits the statements of a policy attribute. */
export function editing(resource: Resource, attribute: string, edit: (statements: Record<string, unknown>[]) => void): Record<string, unknown> {
  const document = JSON.parse(String(resource.values[attribute])) as { Statement: Record<string, unknown>[] };
  edit(document.Statement);
  return { [attribute]: JSON.stringify(document) };
}

export const isKey = (resource: Resource, words: string) => resource.type === 'aws_kms_key' && String(resource.values.description).startsWith(words);
export const statement = (statements: Record<string, unknown>[], sid: string) => statements.find((one) => one.Sid === sid) as Record<string, unknown>;
export const changeOf = (stack: string, change: Parameters<typeof planOf>[1]): AccessChange => accessChange([...others(stack), planOf(stack, change)]);
export const gains = (change: AccessChange) => change.gained.map(({ actor, operation }) => `${actor} | ${operation}`);
