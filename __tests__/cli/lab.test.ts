import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const run = (script: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', `cli/${script}.ts`, ...words], { encoding: 'utf8', env: { ...process.env, ...env } });

/** A PATH with Node and, if given, a Terraform that says it is of a version. */
function pathWith(version?: string): { PATH: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'path-'));
  symlinkSync(process.execPath, path.join(folder, 'node'));
  if (version) writeFileSync(path.join(folder, 'terraform'), `#!/bin/sh\necho '{"terraform_version": "${version}"}'\n`, { mode: 0o755 });
  return { PATH: `${folder}:/bin`, remove: () => rmSync(folder, { recursive: true }) };
}

describe('the commands', () => {
  it.each([['start'], ['lab']])('%s explains itself', (script) => {
    const { status, stdout } = run(script, ['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: npm ');
  });

  it('name a missing Terraform in one sentence, without a stack trace', () => {
    const { PATH, remove } = pathWith();
    const { status, stderr } = run('start', [], { PATH });
    remove();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Terraform 1\.10 or later .* must be on the PATH, but terraform was not found\..*\n$/);
  });

  it('refuse a Terraform that is too old', () => {
    const { PATH, remove } = pathWith('1.5.7');
    const { status, stderr } = run('start', [], { PATH });
    remove();
    expect(status).toBe(1);
    expect(stderr).toContain('is needed, but terraform is 1.5');
  });

  it.each([
    ['start', ['--nonsense'], "Unknown option '--nonsense'"],
    ['start', ['--people', 'no-such-file'], 'The file no-such-file cannot be read'],
    ['lab', ['dance'], 'There is no command dance'],
    ['lab', ['exec'], 'Say which command to run'],
    ['lab', ['advance', 'soon'], 'Say by how many seconds'],
  ])('%s %j says what is wrong, with exit code 2', (script, words, message) => {
    const { status, stderr } = run(script, words);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('name an unusable setting', () => {
    const { status, stderr } = run('start', [], { PIPELINE_REGION: 'Dublin' });
    expect(status).toBe(1);
    expect(stderr).toContain('region (PIPELINE_REGION)');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
