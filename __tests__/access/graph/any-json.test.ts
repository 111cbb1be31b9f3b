import fc from 'fast-check';
import { accessModelOf } from '../../../access/graph/access-model-of';
import { connectionsOf } from '../../../access/graph/connections';
import { DeploymentError } from '../../../access/graph/deployment-error';
import { kindOf, READ_TYPES, reasonWithoutAccess } from '../../../access/graph/kinds/kinds';
import { parseTerraformDocument } from '../../../access/graph/terraform-json';
import { resourcesBefore, resourcesOf } from '../../../access/graph/terraform-resource';
import { malformedPolicies } from '../../../access/who/policies';
import { whoCan } from '../../../access/who/who';
import { graphOf, type PlannedResource, planOf } from './plan-builder';

const TYPES = [...READ_TYPES, 'aws_elasticsearch_domain', 'aws_vpc', 'google_storage_bucket', 'aws_iam_policy_document'];
const ATTRIBUTES = [
  ...[
    'name',
    'arn',
    'id',
    'policy',
    'policy_arn',
    'role',
    'roles',
    'user',
    'users',
    'group',
    'groups',
    'key_id',
    'bucket',
    'kms_master_key_id',
    'kms_key_id',
    'target_key_id',
  ],
  ...[
    'assume_role_policy',
    'function_name',
    'principal',
    'action',
    'source_arn',
    'statement',
    'tags',
    'tags_all',
    'inline_policy',
    'managed_policy_arns',
    'permissions_boundary',
    'acl',
    'rule',
  ],
];
const NAMES = [
  'a',
  'b',
  'alias/a',
  '*',
  '',
  'arn:aws:iam::111122223333:role/a',
  'arn:aws:sqs:eu-west-1:111122223333:a',
  'arn:aws:iam::aws:policy/ReadOnlyAccess',
  'arn:aws:iam::XXXX:user/a',
  '{"Statement":[]}',
  '{',
];
const address = fc.tuple(fc.constantFrom(...TYPES), fc.constantFrom('one', 'two', 'two["k"]', 'three[0]')).map(([type, name]) => `${type}.${name}`);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...NAMES), { maxLength: 3 }) },
);
const references = fc.array(
  fc.oneof(
    address.chain((each) => fc.constantFrom(each, `${each}.arn`, `${each}.json`)),
    fc.constantFrom('each.key', 'each.value.arn', 'var.x', 'local.x', 'module.m.out', ''),
  ),
  { maxLength: 3 },
);
const expression = fc.oneof(
  references.map((each) => ({ references: each })),
  fc.constantFrom(...NAMES).map((each) => ({ constant_value: each })),
  fc.jsonValue({ maxDepth: 3 }),
);
const attributes = <T>(arbitrary: fc.Arbitrary<T>) => fc.dictionary(fc.constantFrom(...ATTRIBUTES), arbitrary, { maxKeys: 8 });
const resource = fc.record({
  address,
  values: attributes(value),
  unknown: attributes(fc.oneof(fc.constant(true), fc.array(fc.boolean(), { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }))),
  expressions: attributes(expression),
}) as fc.Arbitrary<PlannedResource>;

/** Whether a resource is read, has a reason why it need not be, or is named. */
function isAccountedFor(each: string, named: ReadonlySet<string>): boolean {
  const type = each.split('.')[0] ?? '';
  return kindOf(type) !== undefined || reasonWithoutAccess(type) !== undefined || named.has(each);
}

describe('any JSON of a plan', () => {
  it('is read without an error, and leaves no resource out', () => {
    fc.assert(
      fc.property(fc.uniqueArray(resource, { maxLength: 12, selector: (each) => each.address }), (resources) => {
        const graph = graphOf([planOf(resources)]);
        const model = accessModelOf(graph);
        connectionsOf(graph);
        malformedPolicies(model);
        whoCan(model);
        const named = new Set(model.undetermined.map((each) => each.address));
        expect(resources.filter((each) => !isAccountedFor(each.address, named))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, unknown]>([
    ['an empty state', { format_version: '1.0' }],
    ['an empty plan', { format_version: '1.2', planned_values: { root_module: {} }, resource_changes: null, configuration: {} }],
    [
      'resources without values',
      { planned_values: { root_module: { resources: [{ address: 'aws_iam_role.r', mode: 'managed', type: 'aws_iam_role', name: 'r' }] } } },
    ],
    [
      'values that are null',
      { values: { root_module: { resources: [{ address: 'aws_s3_bucket.b', mode: 'managed', type: 'aws_s3_bucket', values: null }] } } },
    ],
    ['members that nobody reads, of any shape', { format_version: '1.2', planned_values: {}, checks: 7, relevant_attributes: {} }],
    ['a module that calls itself', moduleCircle()],
    ['an alias of itself', planOf([{ address: 'aws_kms_alias.a', values: { name: 'alias/a', target_key_id: 'alias/a' } }])],
  ])('may be %s', (_what, json) => {
    expect(() => whoCan(accessModelOf(graphOf([json])))).not.toThrow();
    expect(() => resourcesBefore(parseTerraformDocument(json, 'plan.json'))).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'plan.json is not the JSON of a Terraform plan or state'],
    ['another object', { Statement: [] }, 'plan.json is not the JSON of a Terraform plan or state: make it by terraform show -json'],
    ['a plan that ended with an error', { format_version: '1.2', planned_values: {}, errored: true }, 'the plan ended with an error'],
    ['schemas of providers', { format_version: '1.0', provider_schemas: {} }, 'these are schemas of providers'],
    ['of a later version', { format_version: '2.0', planned_values: {} }, 'a version of the format that is not known'],
    ['a resource without a type', { planned_values: { root_module: { resources: [{ address: 'x' }] } } }, 'planned_values.root_module.resources.0.type'],
    ['values that are text', { values: { root_module: { resources: [{ address: 'x', type: 'x', values: 'x' }] } } }, 'values.root_module.resources.0.values'],
  ])('is refused by name where it is %s', (_what, json, message) => {
    expect(() => parseTerraformDocument(json, 'plan.json')).toThrow(DeploymentError);
    expect(() => parseTerraformDocument(json, 'plan.json')).toThrow(message);
  });

  it('is read where the planned values leave out what the changes have', () => {
    const change = { actions: ['create'], before: null, after: { name: 'q' }, after_unknown: {} };
    const json = { resource_changes: [{ address: 'aws_sqs_queue.q', type: 'aws_sqs_queue', mode: 'managed', change }] };
    expect(resourcesOf(parseTerraformDocument(json, 'plan.json')).map((each) => each.address)).toEqual(['aws_sqs_queue.q']);
  });
});

/** Terraform refuses it; a file may say it all the same. */
function moduleCircle(): unknown {
  const call = {
    expressions: { x: { references: ['module.m.x', 'var.x'] } },
    module: { outputs: { x: { expression: { references: ['var.x'] } } }, variables: { x: {} } },
  };
  const queue = { address: 'module.m.aws_sqs_queue.q', type: 'aws_sqs_queue', mode: 'managed', values: { name: 'q' } };
  const after = { actions: ['create'], after: { name: 'q' }, after_unknown: { kms_master_key_id: true } };
  const configured = { address: 'aws_sqs_queue.q', expressions: { kms_master_key_id: { references: ['var.x'] } } };
  return {
    planned_values: { root_module: { child_modules: [{ resources: [queue] }] } },
    resource_changes: [{ address: queue.address, type: queue.type, mode: 'managed', change: after }],
    configuration: { root_module: { module_calls: { m: { ...call, module: { ...call.module, resources: [configured] } } } } },
  };
}
