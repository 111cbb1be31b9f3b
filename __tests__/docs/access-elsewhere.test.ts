import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The commands of a page, each with the output that stands below it. */
function examplesOf(page: string): [command: string, output: string][] {
  const blocks = [...page.matchAll(/^ {4}\$ (.+)\n((?:(?: {4}.*|)\n)*)/gm)];
  return blocks.map(([, command = '', output = '']) => [command, output.replace(/^ {4}/gm, '').trimEnd()]);
}

const examples = examplesOf(readFileSync('docs/access-elsewhere.md', 'utf8'));

describe('the page on other projects', () => {
  it('has examples of who, plan, compare and matrix', () => {
    const commands = examples.map(([command]) => /access -- (\w+)/.exec(command)?.[1]);
    expect(commands).toEqual(['who', 'who', 'who', 'plan', 'plan', 'plan', 'compare', 'compare', 'matrix', 'matrix']);
  });

  it.each(examples)('shows what %s prints', (command, output) => {
    // What is undetermined ends with another exit code than 0.
    expect(spawnSync('bash', ['-c', command], { encoding: 'utf8' }).stdout.trimEnd()).toBe(output);
  });
});
