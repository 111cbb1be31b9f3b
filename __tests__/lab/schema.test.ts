import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ARCHIVE, AWS, type BlockSchema, type TypeSchema } from '../../lab/provider/schema/schema';
import { archiveTypes, awsTypes, type ProviderTypes } from '../../lab/provider/types';

/** The names that the bindings synthesize, read from their own `synthesizeAttributes`. */
function boundNames(packageName: string, type: string, isData: boolean): Set<string> {
  const folder = `${isData ? 'data-' : ''}${type.replaceAll('_', '-')}`;
  const index = readFileSync(path.join('node_modules', packageName, 'lib', folder, 'index.js'), 'utf8');
  const body =
    /synthesizeAttributes\(\) \{\s*return \{(.*?)\n {8}\};/s.exec(index.slice(index.indexOf('tfResourceType')))?.[1] ??
    index.slice(index.lastIndexOf('synthesizeAttributes()'), index.lastIndexOf('synthesizeHclAttributes()'));
  return new Set([...body.matchAll(/^\s{12}'?([a-z0-9_]+)'?:/gm)].map((match) => String(match[1])));
}

const configurable = (schema: TypeSchema) =>
  new Set([
    ...Object.entries(schema.attributes)
      .filter(([, attribute]) => attribute.mode !== 'computed')
      .map(([name]) => name),
    ...Object.keys(schema.blocks ?? {}),
  ]);

const withoutPrefix = (type: string) => type.replace(/^(aws|archive)_/, '').replace(/^file$/, 'archive-file');

const cases: [string, string, string, boolean, TypeSchema][] = [
  ...Object.entries(AWS.resources).map(([type, schema]): [string, string, string, boolean, TypeSchema] => [
    type,
    '@cdktf/provider-aws',
    withoutPrefix(type),
    false,
    schema,
  ]),
  ...Object.entries(AWS.data_sources).map(([type, schema]): [string, string, string, boolean, TypeSchema] => [
    `data.${type}`,
    '@cdktf/provider-aws',
    type,
    true,
    schema,
  ]),
  ...Object.entries(ARCHIVE.data_sources).map(([type, schema]): [string, string, string, boolean, TypeSchema] => [
    `data.${type}`,
    '@cdktf/provider-archive',
    type,
    true,
    schema,
  ]),
];

function paths(schema: BlockSchema, prefix = ''): string[] {
  return [
    ...Object.keys(schema.attributes).map((name) => prefix + name),
    ...Object.entries(schema.blocks ?? {}).flatMap(([name, block]) => [prefix + name, ...paths(block, `${prefix}${name}.`)]),
  ];
}

describe('the schema data', () => {
  it.each(cases)('has exactly the configurable attributes and blocks of the binding %s', (_name, packageName, type, isData, schema) => {
    expect(boundNames(packageName, isData ? type : type, isData)).toEqual(configurable(schema));
  });

  it.each<[string, ProviderTypes]>([
    ['hashicorp/aws', awsTypes],
    ['hashicorp/archive', archiveTypes],
  ])('of %s has a schema for each type that is modelled, and only for these', (_address, types) => {
    expect(Object.keys(types.resources).sort()).toEqual(Object.keys(types.schema.resources).sort());
    expect(Object.keys(types.dataSources).sort()).toEqual(Object.keys(types.schema.data_sources).sort());
  });

  it('knows every path that a type says it models', () => {
    for (const types of [awsTypes, archiveTypes]) {
      for (const [name, type] of Object.entries(types.resources)) {
        const known = paths(types.schema.resources[name] ?? { attributes: {} });
        expect(known).toEqual(expect.arrayContaining([...type.supportedPaths]));
      }
    }
  });
});
