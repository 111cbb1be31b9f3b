import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { outcomeOf } from '../../access/plan/access-change';
import { renderChange } from '../../access/plan/render';
import { changeOf, editing, type Resource, state } from './plans';

/** A change of a deployed stack: a statement more in a policy, or other values of a resource. */
const CHANGE = z.strictObject({
  title: z.string(),
  stack: z.enum(['identity', 'keys', 'dataplane']),
  /** The name ends so; empty for the only resource of its type. */
  resource: z.strictObject({ type: z.string(), name: z.string() }),
  attribute: z.string().optional(),
  add: z.record(z.string(), z.unknown()).optional(),
  set: z.record(z.string(), z.unknown()).optional(),
  told: z.string(),
  outcome: z.enum(['unchanged', 'gained', 'undetermined']),
});

const CHANGES = z.array(CHANGE).parse(JSON.parse(readFileSync('__tests__/access/silent-changes.json', 'utf8')));

const keysByAlias = new Map(
  (state('keys').values.root_module.resources ?? [])
    .filter(({ type }) => type === 'aws_kms_alias')
    .map(({ values }) => [String(values.name), String(values.target_key_id)]),
);

function isMeant({ type, values }: Resource, { resource }: z.infer<typeof CHANGE>): boolean {
  if (type !== resource.type) return false;
  if (type === 'aws_kms_key') return keysByAlias.get(`alias/pipeline-${resource.name}`) === values.key_id;
  return `${String(values.name ?? '')}${String(values.queue_url ?? '')}`.endsWith(resource.name);
}

describe('a change that opens the data, or takes protection from it', () => {
  it.each(CHANGES.map((change) => [change.title, change] as const))('is told: %s', (_title, change) => {
    let edited = 0;
    const result = changeOf(change.stack, (resource) => {
      if (!isMeant(resource, change)) return undefined;
      edited += 1;
      const { add, attribute, set = {} } = change;
      if (add) return editing(resource, String(attribute), (statements) => statements.push(add));
      return Object.fromEntries(
        Object.entries(set).map(([name, value]) => [name, value === '@id-of-queue-key' ? keysByAlias.get('alias/pipeline-queue') : value]),
      );
    });
    expect(edited).toBe(1);
    expect(renderChange(result, 'text')).toContain(change.told);
    expect(outcomeOf(result)).toBe(change.outcome);
  });
});
