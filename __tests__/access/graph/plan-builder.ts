import { ResourceGraph } from '../../../access/graph/graph';
import type { LocationOptions } from '../../../access/graph/location';
import { parseTerraformDocument } from '../../../access/graph/terraform-json';
import { resourcesOf } from '../../../access/graph/terraform-resource';
import { readJson } from '../fixtures';

/** A resource of a plan: values, what an apply will tell, and its configuration. */
export interface PlannedResource {
  readonly address: string;
  readonly mode?: 'data';
  readonly values?: Record<string, unknown>;
  readonly unknown?: Record<string, unknown>;
  readonly expressions?: Record<string, unknown>;
}

/** Terraform's JSON of a plan that makes resources of the root module. */
export function planOf(resources: readonly PlannedResource[], more: Record<string, unknown> = {}): unknown {
  const all = resources.map((resource) => {
    const parts = resource.address.replace(/^data\./, '').split('.');
    return { ...resource, type: parts[0], name: parts[1]?.replace(/\[.*/, ''), mode: resource.mode ?? 'managed', values: resource.values ?? {} };
  });
  return {
    format_version: '1.2',
    planned_values: { root_module: { resources: all.map(({ address, type, mode, name, values }) => ({ address, type, mode, name, values })) } },
    resource_changes: all.map(({ address, type, mode, values, unknown = {} }) => ({
      address,
      type,
      mode,
      change: { actions: [mode === 'data' ? 'read' : 'create'], before: null, after: values, after_unknown: unknown },
    })),
    configuration: {
      root_module: {
        resources: all.map(({ address, expressions = {} }) => ({ address: address.replace(/\[.*/, ''), expressions })),
      },
    },
    ...more,
  };
}

/** The graph of documents. */
export const graphOf = (documents: readonly unknown[], options: LocationOptions = { account: '111122223333', region: 'eu-west-1' }): ResourceGraph =>
  new ResourceGraph(
    documents.flatMap((document) => resourcesOf(parseTerraformDocument(document, 'plan.json'))),
    options,
  );

/** The graph of resources of one plan. */
export const graphWith = (...resources: readonly PlannedResource[]): ResourceGraph => graphOf([planOf(resources)]);

/** An expression that refers to others, as Terraform shows it. */
export const refersTo = (...references: readonly string[]) => ({
  references: references.flatMap((reference) => [reference, reference.replace(/\.[a-z_]+$/, '')]),
});

/** The plan of one of the configurations of other projects. */
export const elsewhere = (name: 'workers' | 'fan-out' | 'cross-account'): unknown => readJson(`__tests__/access/fixtures/elsewhere/${name}/plan.json`);
