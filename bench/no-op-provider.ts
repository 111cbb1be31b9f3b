import type { DataSource, ResourceType } from '../lab/provider/resource-type';
import type { ProviderSchema, TypeSchema } from '../lab/provider/schema/schema';
import type { ProviderTypes } from '../lab/provider/types';
import type { Values } from '../lab/provider/values';

/** Some value of the right type for everything that a real provider would compute. */
function computed(schema: TypeSchema, state: Values): Values {
  const names = Object.entries(schema.attributes).filter(([name, attribute]) => attribute.mode.endsWith('computed') && (state[name] ?? null) === null);
  return Object.fromEntries(names.map(([name, { type }]) => [name, type === 'string' ? `arn:aws:iam::111122223333:role/${name}` : null]));
}

function noOpType(schema: TypeSchema): ResourceType {
  const names = [...Object.keys(schema.attributes), ...Object.keys(schema.blocks ?? {})];
  const nested = Object.entries(schema.blocks ?? {}).flatMap(([name, block]) => Object.keys(block.attributes).map((inner) => `${name}.${inner}`));
  return {
    supportedPaths: [...names, ...nested],
    create: async () => 'no-op',
    read: async (state) => computed(schema, state),
    update: async () => {},
    delete: async () => {},
  };
}

/** Providers that answer at once and do nothing: what a deployment costs by itself. */
export function noOpTypes(address: string, schema: ProviderSchema): ProviderTypes {
  const resources = Object.entries(schema.resources).map(([name, type]) => [name, noOpType(type)]);
  const dataSources = Object.entries(schema.data_sources).map(([name, type]): [string, DataSource] => [
    name,
    { supportedPaths: Object.keys(type.attributes), read: async (config) => ({ ...config, ...computed(type, config) }) },
  ]);
  return { address, schema, resources: Object.fromEntries(resources), dataSources: Object.fromEntries(dataSources) };
}
