import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { JsonReader } from '../../cli/access/documents/json-reader';
import { readTerraformFile } from '../../cli/access/documents/terraform-file';
import { UserError } from '../../cli/shared/user-error';
import { ProjectError } from '../../evaluator';

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
const member = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'values', 'resources', 'type', 'before'));
/** Long strings that stand in several places are kept once. */
const long = fc.constantFrom('a'.repeat(64), 'b'.repeat(100), 'é'.repeat(80));
const object = fc.dictionary(member, fc.oneof(json, long, fc.array(long)), { maxKeys: 4 });
/** An object with some of the members, all of free values, and others besides. */
const having = (members: Record<string, fc.Arbitrary<unknown>>) =>
  fc.tuple(fc.record(members, { requiredKeys: [] }), object).map(([known, more]) => ({ ...more, ...known }));

const resource = having({
  address: fc.string(),
  mode: fc.constantFrom('managed', 'data'),
  type: fc.constantFrom('aws_instance', 'awscc_kms_key', 'google_project', 'random_pet'),
  values: object,
  sensitive_values: json,
});
const { module: anyModule } = fc.letrec((tie) => ({
  module: having({ address: fc.string(), resources: fc.array(resource), child_modules: fc.array(tie('module'), { maxLength: 2 }) }),
}));
const values = having({ root_module: anyModule, outputs: json });
const change = having({
  address: fc.string(),
  type: fc.constantFrom('aws_instance', 'google_project'),
  change: having({ actions: json, before: json, after: json, after_unknown: json, before_sensitive: json }),
});
const document = having({
  format_version: json,
  planned_values: values,
  values,
  prior_state: having({ values, terraform_version: json }),
  resource_changes: fc.array(change),
  resource_drift: fc.array(change),
  output_changes: fc.dictionary(member, having({ actions: json, after: json })),
  configuration: json,
  checks: json,
});

const IDENTITY = ['address', 'previous_address', 'module_address', 'mode', 'type', 'name', 'index', 'provider_name', 'deposed', 'deposed_key'];

/** What is kept, said once more: by going through a whole document. */
function reduced(value: Json, members: Readonly<Record<string, (value: Json) => Json>>): Json {
  if (typeof value !== 'object' || value === null) return value;
  // A list in the place of an object has no members that are kept.
  if (Array.isArray(value)) return [];
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (Object.hasOwn(members, name) ? [[name, members[name]?.(inner) ?? null]] : [])));
}
const whole = (value: Json) => value;
const each = (change: (value: Json) => Json) => (value: Json) => {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, Json> = {};
  for (const [name, inner] of Object.entries(value)) Object.defineProperty(result, name, { value: change(inner), enumerable: true });
  return result;
};
const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, whole]));
const reducedResource = (value: Json) => {
  const kept = reduced(value, all([...IDENTITY, 'values', 'depends_on']));
  if (typeof kept !== 'object' || kept === null || !('type' in kept) || !('values' in kept)) return kept;
  return /^aws(cc)?_/.test(String(kept.type)) ? kept : { ...kept, values: {} };
};
const reducedChange = (value: Json) => {
  const kept = reduced(value, { ...all(IDENTITY), change: (inner) => reduced(inner, all(['actions', 'before', 'after', 'after_unknown'])) });
  if (typeof kept !== 'object' || kept === null || !('type' in kept) || /^aws(cc)?_/.test(String(kept.type))) return kept;
  return { ...kept, ...('change' in kept ? { change: reduced(kept.change ?? null, all(['actions', 'after_unknown'])) } : {}) };
};
const reducedModule = (value: Json): Json => reduced(value, { address: whole, resources: each(reducedResource), child_modules: each(reducedModule) });
const reducedValues = (value: Json) => reduced(value, { root_module: reducedModule, outputs: whole });
const reducedDocument = (value: Json) =>
  reduced(value, {
    ...all(['format_version', 'terraform_version', 'errored', 'configuration', 'variables']),
    values: reducedValues,
    planned_values: reducedValues,
    prior_state: (state) => reduced(state, { values: reducedValues }),
    resource_changes: each(reducedChange),
    output_changes: each((entry) => reduced(entry, all(['actions']))),
  });

function readInPieces(text: string, size: number): unknown {
  const reader = new JsonReader('plan.json');
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size));
  return reader.end();
}

describe('JSON that is read piece by piece', () => {
  it('is what JSON.parse makes of it, without what nobody reads, however it is cut', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 1, max: 40 }), fc.constantFrom(undefined, 1), (content, size, indent) => {
        const text = JSON.stringify(content, null, indent);
        expect(JSON.stringify(readInPieces(text, size))).toBe(JSON.stringify(reducedDocument(JSON.parse(text) as Json)));
      }),
      { numRuns: 500 },
    );
  });

  it('has strings and numbers as JSON.parse reads them', () => {
    const strings = fc.string({ unit: fc.constantFrom('\\ud83d', '\\ude00', '\\u0000', '\\n', '\\"', 'é', '😀', 'a'), maxLength: 30 });
    const numbers = fc.tuple(fc.constantFrom('-', ''), fc.constantFrom('0', '12', '9007199254740993'), fc.constantFrom('', '.5', '.25e-3', 'E+9'));
    fc.assert(
      fc.property(fc.array(strings), fc.array(numbers.map((parts) => parts.join(''))), fc.integer({ min: 1, max: 9 }), (texts, values, size) => {
        const text = `{"variables": [${[...texts.map((part) => `"${part}"`), ...values].join(' , ')}]}`;
        expect(readInPieces(text, size)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is refused wherever it is cut off or damaged, as JSON.parse refuses it', () => {
    fc.assert(
      fc.property(document, fc.nat(), fc.constantFrom('', ',', '}', '"', 'x', '1', ']'), fc.boolean(), (content, at, inserted, cut) => {
        const text = JSON.stringify(content);
        const position = at % (text.length + 1);
        const damaged = text.slice(0, position) + inserted + (cut ? '' : text.slice(position));
        let isJson = damaged !== '';
        try {
          JSON.parse(damaged);
        } catch {
          isJson = false;
        }
        if (isJson) expect(() => readInPieces(damaged, 7)).not.toThrow();
        else expect(() => readInPieces(damaged, 7)).toThrow(UserError);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a file of Terraform’s JSON', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'terraform-file-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const read = (content: string | Buffer, log: (line: string) => void = () => undefined) => {
    const file = path.join(folder, 'plan.json');
    writeFileSync(file, content);
    return readTerraformFile(file, log);
  };
  const STATE = '{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_kms_key.a","type":"aws_kms_key","mode":"managed"}]}}}';

  it('may begin with a byte order mark', async () => {
    const resources = [{ address: 'aws_kms_key.a', type: 'aws_kms_key', mode: 'managed' }];
    await expect(read(`\uFEFF${STATE}\r\n`)).resolves.toMatchObject({ format_version: '1.0', values: { root_module: { resources } } });
  });

  it.each<[what: string, content: string | Buffer, message: string]>([
    ['empty', '', 'is empty'],
    ['cut off', STATE.slice(0, -2), 'Was it cut off?'],
    ['cut off in a name', STATE.slice(0, 20), 'Was it cut off?'],
    ['text', 'Terraform will perform the following actions', 'is not JSON: what comes after byte 0'],
    ['two values', `${STATE}${STATE}`, `is not JSON: what comes after byte ${STATE.length}`],
    ['in UTF-16', Buffer.from(`\uFEFF${STATE}`, 'utf16le'), 'is text in UTF-16, as > of PowerShell'],
    ['in UTF-16 without a mark', Buffer.from(STATE, 'utf16le'), 'is text in UTF-16'],
    ['bytes that are no UTF-8', Buffer.from([...Buffer.from('{"values":{"a":"'), 0xff, 0xfe, ...Buffer.from('"}}')]), 'is not JSON'],
    ['a plan that is not shown', Buffer.from('PK\u0003\u0004plan'), 'is the plan itself'],
    ['a list', `[${STATE}]`, 'is not the JSON of a Terraform plan or state'],
    ['another JSON', '{"name":"x"}', 'is not the JSON of a Terraform plan or state'],
    ['of a later format', '{"format_version":"2.0"}', 'format_version: a version of the format that is not known'],
    ['of a plan that failed', '{"format_version":"1.2","errored":true,"planned_values":{}}', 'errored: the plan ended with an error'],
    ['without an address', '{"values":{"root_module":{"resources":[{"type":"aws_kms_key"}]}}}', 'values.root_module.resources.0.address'],
    ['of other types', '{"values":"x"}', 'values: '],
  ])('is refused by name when it is %s', async (_what, content, message) => {
    const error: unknown = await read(content).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ProjectError);
    expect(String(error)).toContain(path.join(folder, 'plan.json'));
    expect(String(error)).toContain(message);
    if (error instanceof UserError) expect(error.exitCode).toBe(1);
  });

  it('is refused when it is a folder, or is not there', async () => {
    await expect(readTerraformFile(folder, () => undefined)).rejects.toThrow(`The file ${folder} cannot be read: it is a folder`);
    await expect(readTerraformFile(path.join(folder, 'none'), () => undefined)).rejects.toThrow('cannot be read: ENOENT');
  });

  it('says every two seconds how much of it is read', async () => {
    let now = 0;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => {
      now += 500;
      return now;
    });
    const lines: string[] = [];
    await read(`{"format_version":"1.0","variables":{"text":{"value":"${'x'.repeat(4e6)}"}}}`, (line) => lines.push(line)).finally(() => clock.mockRestore());
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]).toMatch(/^ {2}\d of 4 MB of .*plan\.json are read$/);
  });
});
