import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { commandOf } from './programs';

const [PROGRAM, ...SCRIPT] = commandOf('__tests__/cli/fixtures/endings.ts');
const run = (...args: readonly string[]) => spawnSync(PROGRAM, [...SCRIPT, ...args], { encoding: 'utf8', maxBuffer: 1e9 });

describe('a program', () => {
  it.each([
    ['with the exit code of its command', 'code', 7, ''],
    ['with the message and exit code of a user’s error', 'user', 5, 'put it right\n'],
    ['with the message of an error about a policy', 'policy', 1, 'key: Statement[0]: is odd\n'],
    ['with exit code 1 for every error where others say something about access', 'inspect', 1, 'put it right\n'],
  ])('ends %s', (_what, command, status, stderr) => {
    expect(run(command)).toMatchObject({ status, stderr, stdout: '' });
  });

  it('ends with exit code 1 for a wrong call of a command whose other codes say something about access', () => {
    expect(run('inspect', '--nonsense')).toMatchObject({ status: 1, stderr: 'There is no option --nonsense.\nSee: endings inspect --help\n' });
  });

  it('prints the stack of a fault', () => {
    const { status, stderr } = run('fault');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^TypeError: nobody foresaw this\n\s+at .*endings\.ts/);
  });

  it('writes all of 2 MB to a pipe that is read late, then ends whatever is still open', async () => {
    const child = spawn(PROGRAM, [...SCRIPT, 'much'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    // The pipe is full long before that.
    await setTimeout(1500);
    let size = 0;
    for await (const chunk of child.stdout) size += (chunk as Buffer).length;
    expect(size).toBe(2 * 1024 * 1024 + 1);
    expect(await closed).toEqual([3, null]);
  });

  it('ends quietly, with its own exit code, when its output is read no further', () => {
    const piped = [PROGRAM, ...SCRIPT, 'many'].map((arg) => `'${arg}'`).join(' ');
    const { stdout, stderr } = spawnSync('sh', ['-c', `{ ${piped}; echo "exit code $?" >&2; } | head -n 1`], { encoding: 'utf8' });
    expect(stdout).toBe(`${'x'.repeat(100)}\n`);
    expect(stderr).toBe('exit code 3\n');
  });
});
