import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { STACKS } from '../../access/application';
import { matrixCommand } from '../../cli/access/matrix';
import { mutateCommand } from '../../cli/access/mutate';
import { pathsCommand } from '../../cli/access/paths';
import { planCommand } from '../../cli/access/plan';
import type { Command } from '../../cli/shared/command-line';
import { PolicyError } from '../../evaluator';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'policy-warnings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The plan that leaves a state as it is. */
function planOf(state: string): string {
  const { values } = JSON.parse(state) as { readonly values: object };
  return JSON.stringify({ format_version: '1.2', prior_state: { values }, planned_values: values, resource_changes: [] });
}

/** Runs a command on the deployed stacks, of which the text of `keys` is changed in one place. */
async function runOn(command: Command, from: string, to: string): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const [identity = '', keys = '', dataplane = ''] = STACKS.map((stack) => path.resolve(`__tests__/access/fixtures/${stack}.json`));
  const text = readFileSync(keys, 'utf8');
  expect(text).toContain(from);
  const changed = path.join(folder, 'keys.json');
  const state = text.replace(from, to);
  writeFileSync(changed, command === planCommand ? planOf(state) : state);
  const lines: string[] = [];
  const add = (line: string) => void lines.push(...line.split('\n'));
  const code = await command.run([identity, changed, dataplane], { print: add, log: add });
  return { code, lines };
}

const COMMANDS: readonly (readonly [string, Command])[] = [planCommand, matrixCommand, mutateCommand, pathsCommand].map((command) => [
  command.declaration.name,
  command,
]);

describe.each(COMMANDS)('npm run access -- %s', (name, command) => {
  it('warns once of a policy that looks mistaken, and ends as without it', async () => {
    const { code, lines } = await runOn(command, '[\\"kms:Decrypt\\"]', '[\\"kms:Decrypt\\",\\"kms:Decrpt\\"]');
    const at = lines.indexOf('Warnings: 1');
    expect(lines[at + 1]).toMatch(/^ {2}policy of key pipeline-\w+, statement \w+: Statement\[\d\]\.Action: kms:Decrpt: kms has no such action$/);
    expect(lines.filter((line) => line.includes('no such action'))).toHaveLength(1);
    // A mutant without the action that does not exist changes no cell, which is for mutate to tell.
    if (name !== 'mutate') expect(code).toBe(0);
  });

  it('ends with an error for a policy that is not valid, and names it', async () => {
    const run = runOn(command, '\\"Effect\\":\\"Allow\\"', '\\"Effect\\":\\"Permit\\"');
    await expect(run).rejects.toThrow(PolicyError);
    await expect(run).rejects.toThrow(/^policy of key pipeline-\w+, statement \w+: Statement\[\d\]\.Effect: must be Allow or Deny$/);
  });
});
