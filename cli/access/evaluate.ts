import { z } from 'zod';
import { type AccessCase, decideCase } from '../../evaluator/cases';
import { defineCommand } from '../shared/command-line';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';

const text = z.string();
/** Policies are read by the evaluator itself, so that what is wrong in them is `invalid` rather than a wrong file. */
const document = z.unknown();
const contextValue = z.union([text, z.number(), z.boolean()]).transform(String);
const pairs = z.record(text, text);

/** The form of a case, as docs/access-cases.md describes it. Unknown members of a request or its policies are refused. */
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
  strict: z.boolean().optional(),
  expected: z.enum(['allowed', 'implicitly denied', 'explicitly denied', 'undetermined', 'invalid']),
});

/** To name a case that is not in its form. */
const NAMED = z.object({ name: text });

/** `npm run access -- evaluate` */
export const evaluateCommand = defineCommand(
  {
    name: 'evaluate',
    summary: 'decide cases and compare with what they expect (docs/access-cases.md)',
    options: { strict: { type: 'boolean', description: 'policies that AWS accepts, but that look mistaken, are invalid; else they are told as warnings' } },
    arguments: { files: { type: 'string', placeholder: 'CASES.json', multiple: true, required: true, description: 'files of cases' } },
    examples: ['npm run access -- evaluate examples/cases.json'],
    exitCodes: { 0: 'all are as expected', 1: 'one differs', 2: 'called wrongly, or a file is not in its form' },
  },
  async ({ files, strict }, { print }) => evaluateCases(files, strict, print),
);

/** Decides the cases of files; prints each that differs, then how many passed. @returns the exit code */
function evaluateCases(files: readonly string[], strict: boolean, print: (line: string) => void): number {
  let passed = 0;
  let failed = 0;
  for (const accessCase of files.flatMap(readCases)) {
    const { outcome, reason, warnings } = decideCase(accessCase, { strict });
    for (const warning of warnings) print(`${accessCase.name}: warning: ${warning}`);
    if (outcome === accessCase.expected) {
      passed += 1;
      continue;
    }
    failed += 1;
    print(`${accessCase.name}: expected ${accessCase.expected}, but it is ${outcome} (${reason})`);
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function readCases(file: string): AccessCase[] {
  const cases = readJson(file);
  if (!Array.isArray(cases)) throw new UserError(`${file} is not a list of cases`, { exitCode: 2 });
  return cases.map((given: unknown, index) => {
    const read = CASE.safeParse(given);
    if (read.success) return read.data as AccessCase;
    const name = NAMED.safeParse(given).data?.name;
    const wrong = read.error.issues.map(({ path, message }) => `  ${path.join('.') || 'the case'}: ${message}`);
    const title = `case ${index + 1}${name === undefined ? '' : ` (${name})`}`;
    throw new UserError(`${file}: ${title} is not in the form of docs/access-cases.md:\n${wrong.join('\n')}`, { exitCode: 2, cause: read.error });
  });
}
