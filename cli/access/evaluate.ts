import { z } from 'zod';
import { type AccessCase, decideCase } from '../../evaluator/cases';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';

const text = z.string();
/** Policies are read by the evaluator itself, so that what is wrong in them is `invalid` rather than a wrong file. */
const document = z.unknown();
const contextValue = z.union([text, z.number(), z.boolean()]).transform(String);
const pairs = z.record(text, text);

/** The form of a case, as docs/access-cases.md describes it. What a request or its policies do not know is refused. */
const CASE = z.object({
  name: text,
  request: z.strictObject({
    principal: text,
    action: text,
    resource: text,
    context: z.record(text, z.union([contextValue, z.array(contextValue)])).optional(),
  }),
  policies: z.strictObject({
    identity: z.array(document).optional(),
    resource: document.optional(),
    boundary: z.array(document).nullish(),
    session: document.optional(),
    serviceControl: z.array(document).nullish(),
    grants: z
      .array(
        z.strictObject({
          id: text,
          keyArn: text,
          grantee: text,
          operations: z.array(text),
          constraints: z.strictObject({ encryptionContextEquals: pairs.optional(), encryptionContextSubset: pairs.optional() }).optional(),
        }),
      )
      .optional(),
  }),
  expected: z.enum(['allowed', 'implicitly denied', 'explicitly denied', 'undetermined', 'invalid']),
});

/** Runs files of access cases; prints each that differs, then how many passed. @returns the exit code */
export function evaluateCases(files: readonly string[], print: (line: string) => void): number {
  if (files.length === 0) throw new UserError('Name a file of cases: npm run access -- evaluate CASES.json', 2);
  let passed = 0;
  let failed = 0;
  for (const one of files.flatMap(readCases)) {
    const { outcome, reason } = decideCase(one);
    if (outcome === one.expected) {
      passed += 1;
      continue;
    }
    failed += 1;
    print(`${one.name}: expected ${one.expected}, but it is ${outcome} (${reason})`);
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function readCases(file: string): AccessCase[] {
  const cases = readJson(file);
  if (!Array.isArray(cases)) throw new UserError(`${file} is not a list of cases`, 2);
  return cases.map((one: unknown, index) => {
    const read = CASE.safeParse(one);
    if (read.success) return read.data as AccessCase;
    const name = (one as { name?: unknown } | null)?.name;
    const wrong = read.error.issues.map(({ path, message }) => `  ${path.join('.') || 'the case'}: ${message}`);
    throw new UserError(
      `${file}: case ${index + 1}${typeof name === 'string' ? ` (${name})` : ''} is not in the form of docs/access-cases.md:\n${wrong.join('\n')}`,
      2,
    );
  });
}
