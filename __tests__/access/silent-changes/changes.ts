import { z } from 'zod';
import { STACKS } from '../../../access/application';
import type { TerraformDocument } from '../../../access/graph/terraform-json';
import { planBetween, type Resource, type State, state, withResources } from '../plans';

/** The deployed resource that an edit means: the only one of its type, or the one of which the name ends so; a key has the name of its alias. */
const TARGET = z.strictObject({ type: z.string(), name: z.string().default('') });
/** A policy of a resource; without attribute the trust policy of a role, and `policy` of anything else. */
const POLICY = { resource: TARGET, attribute: z.string().optional() };
const STATEMENT = z.record(z.string(), z.unknown());

const EDIT = z.union([
  z.strictObject({ ...POLICY, add: z.union([STATEMENT, z.array(STATEMENT)]) }),
  z.strictObject({ ...POLICY, remove: z.array(z.string()) }),
  /** Other members for the statement with a Sid; null takes one away. */
  z.strictObject({ ...POLICY, statement: z.string(), members: STATEMENT }),
  z.strictObject({ ...POLICY, reverse: z.literal(true) }),
  /** Another document; text stands as it is. */
  z.strictObject({ ...POLICY, document: z.unknown() }),
  /** Other values of the resource; null takes one away. */
  z.strictObject({ resource: TARGET, set: z.record(z.string(), z.unknown()) }),
  z.strictObject({ resource: TARGET, unknown: z.array(z.string()) }),
  z.strictObject({ resource: TARGET, destroy: z.literal(true) }),
  z.strictObject({ resource: TARGET, replace: z.literal(true) }),
  z.strictObject({ create: z.string(), stack: z.enum(STACKS), name: z.string().default('more'), values: z.record(z.string(), z.unknown()) }),
]);
type Edit = z.infer<typeof EDIT>;

/** A change of what is deployed, and what an inspection of its plan must say. */
const CHANGE = z.strictObject({
  title: z.string(),
  /** What is so before the plan. */
  given: z.array(EDIT).default([]),
  edits: z.array(EDIT),
  /** Texts of which each must stand in the result, or, for an error, in its message. */
  told: z.array(z.string()),
  outcome: z.enum(['unchanged', 'gained', 'undetermined', 'error']),
});

/** A change of a deployment, and what an inspection of its plan must say. */
export type Change = z.infer<typeof CHANGE>;

/**
 * The changes of a table. Ids that the lab made up stand in it by what they belong to: `@id-of(queue)` and `@arn-of(queue)` of the
 * key with that alias, `@unique-id-of(AdminRole)` of a role.
 */
export function readChanges(text: string): Change[] {
  const deployed = STACKS.flatMap((stack) => state(stack).values.root_module.resources);
  const value = (target: z.infer<typeof TARGET>, attribute: string) =>
    String(deployed.find((resource) => isMeant(resource, target, deployed))?.values[attribute]);
  const resolved = text
    .replaceAll(/@(id|arn)-of\((\w+)\)/g, (_, form, name) => value({ type: 'aws_kms_key', name }, form === 'id' ? 'key_id' : 'arn'))
    .replaceAll(/@unique-id-of\((\w+)\)/g, (_, name) => value({ type: 'aws_iam_role', name: `-${name}` }, 'unique_id'));
  return z.array(CHANGE).parse(JSON.parse(resolved));
}

/** The states of the stacks that a change leaves alone, and plans of those that it edits. */
export function documentsOf({ given, edits }: Change): TerraformDocument[] {
  const before = new Map(STACKS.map((stack) => [stack, state(stack)]));
  for (const edit of given) applyEdit(before, edit);
  const after = new Map([...before].map(([stack, { values }]) => [stack, withResources(values.root_module.resources)]));
  const [replaced, unknown] = [new Set<string>(), new Map<string, string[]>()];
  const edited = new Set(
    edits.map((edit) => {
      const { stack, resource } = applyEdit(after, edit);
      if ('replace' in edit) replaced.add(resource.address);
      if ('unknown' in edit) unknown.set(resource.address, edit.unknown);
      return stack;
    }),
  );
  return STACKS.map((stack) => {
    const [old, now] = [stateIn(before, stack), stateIn(after, stack)];
    return edited.has(stack) ? planBetween(old, now, { replaced, unknown }) : old;
  });
}

type Stack = (typeof STACKS)[number];
type States = Map<Stack, State>;

function stateIn(states: States, stack: Stack): State {
  const found = states.get(stack);
  if (!found) throw new Error(`there is no stack ${stack}`);
  return found;
}

function applyEdit(states: States, edit: Edit): { readonly stack: Stack; readonly resource: Resource } {
  if ('create' in edit) {
    const resource: Resource = { address: `${edit.create}.${edit.name}`, type: edit.create, mode: 'managed', values: edit.values };
    states.set(edit.stack, withResources([...stateIn(states, edit.stack).values.root_module.resources, resource]));
    return { stack: edit.stack, resource };
  }
  const all = [...states.values()].flatMap(({ values }) => values.root_module.resources);
  const meant = all.filter((resource) => isMeant(resource, edit.resource, all));
  const [resource] = meant;
  if (!resource || meant.length > 1) throw new Error(`${meant.length} resources are meant by ${JSON.stringify(edit.resource)}`);
  const stack = STACKS.find((name) => stateIn(states, name).values.root_module.resources.includes(resource));
  if (!stack) throw new Error(`no stack has ${resource.address}`);
  const changed = 'destroy' in edit ? [] : [{ ...resource, values: valuesAfter(resource, edit) }];
  states.set(stack, withResources(stateIn(states, stack).values.root_module.resources.flatMap((other) => (other === resource ? changed : [other]))));
  return { stack, resource };
}

function isMeant({ type, values }: Resource, target: z.infer<typeof TARGET>, all: readonly Resource[]): boolean {
  if (type !== target.type) return false;
  if (type === 'aws_kms_key') {
    return all.some(
      (other) => other.type === 'aws_kms_alias' && other.values.name === `alias/pipeline-${target.name}` && other.values.target_key_id === values.key_id,
    );
  }
  return ['name', 'queue_url', 'role', 'function_name'].some((attribute) => String(values[attribute] ?? '').endsWith(target.name));
}

type Statement = Record<string, unknown>;

function valuesAfter(resource: Resource, edit: Edit): Record<string, unknown> {
  if ('set' in edit) return withMembers(resource.values, edit.set);
  if (!('add' in edit || 'remove' in edit || 'statement' in edit || 'reverse' in edit || 'document' in edit)) return resource.values;
  const attribute = edit.attribute ?? (resource.type === 'aws_iam_role' ? 'assume_role_policy' : 'policy');
  if ('document' in edit) {
    return { ...resource.values, [attribute]: typeof edit.document === 'string' ? edit.document : JSON.stringify(edit.document) };
  }
  const document = JSON.parse(String(resource.values[attribute])) as { Statement: Statement[] };
  return { ...resource.values, [attribute]: JSON.stringify({ ...document, Statement: statementsAfter(document.Statement, edit) }) };
}

function statementsAfter(statements: readonly Statement[], edit: Edit): readonly Statement[] {
  const mustHave = (sid: string) => {
    if (!statements.some(({ Sid }) => Sid === sid)) throw new Error(`there is no statement ${sid}`);
  };
  if ('add' in edit) return [...statements, ...(Array.isArray(edit.add) ? edit.add : [edit.add])];
  if ('remove' in edit) {
    edit.remove.forEach(mustHave);
    return statements.filter(({ Sid }) => !edit.remove.includes(String(Sid)));
  }
  if ('statement' in edit) {
    mustHave(edit.statement);
    return statements.map((statement) => (statement.Sid === edit.statement ? withMembers(statement, edit.members) : statement));
  }
  return statements.toReversed();
}

const withMembers = (object: Statement, members: Statement): Statement =>
  Object.fromEntries(Object.entries({ ...object, ...members }).filter(([name, value]) => !(name in members && value === null)));
