import { rmSync } from 'node:fs';
import { version } from '../../package.json';
import { folderWith, runProgram } from './programs';

const COMMANDS = {
  access: ['evaluate', 'compare', 'matrix', 'verify', 'paths', 'plan', 'mutate', 'who'],
  lab: ['up', 'exec', 'credentials', 'advance', 'status', 'down'],
} as const;
const TABLE = (['access', 'lab'] as const).flatMap((program) => COMMANDS[program].map((command) => [program, command] as const));

describe('the help', () => {
  it.each(['access', 'lab'] as const)('of %s names every command', (program) => {
    const { status, stdout } = runProgram(program, ['--help']);
    expect(status).toBe(0);
    expect([...stdout.matchAll(/^ {2}([a-z]+)( .*)? {2,}/gm)].map(([, name]) => name)).toEqual(COMMANDS[program]);
  });

  it.each(TABLE)('of %s %s is of this command only', (program, command) => {
    const { status, stdout } = runProgram(program, [command, '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain(`\nUsage: npm run ${program} -- ${command}`);
    expect(stdout).toContain('\nExit codes:\n');
    expect(stdout).not.toContain('\nCommands:\n');
    expect(stdout.match(/^Usage: /gm)).toHaveLength(1);
  });

  it('of a command follows from its declaration', () => {
    const { stdout } = runProgram('access', ['help', 'plan']);
    expect(stdout).toMatch(/^ {2}--format FORMAT +form of the result \(one of text, markdown, json, sarif; default text\)$/m);
    expect(stdout).toMatch(/^ {2}1 +error, also when called wrongly$/m);
  });

  it('of start is that of its only command', () => {
    const { status, stdout } = runProgram('start', ['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('\nUsage: npm start -- [OPTIONS]\n');
    expect(stdout).toMatch(/^ {2}--people FILE +/m);
  });

  it('of a command that runs another one is asked for before the hyphens only', () => {
    expect(runProgram('lab', ['exec', '--nonsense', '--', 'aws', '--help'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('the version', () => {
  it.each(['access', 'lab', 'start'] as const)('is printed by %s', (program) => {
    expect(runProgram(program, ['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });
});

describe('a wrong call', () => {
  it.each([
    ['start', ['--peopel', 'x'], 'There is no option --peopel. Did you mean --people?\nSee: npm start -- --help\n'],
    ['start', ['x'], 'Unexpected argument x\n'],
    ['start', ['--people', 'no-such-file'], 'The file no-such-file cannot be read: ENOENT\n'],
    ['lab', ['stauts'], 'There is no command stauts. Did you mean status?\nSee: npm run lab -- --help\n'],
    ['lab', ['--port', '1'], 'There is no option --port.'],
    ['lab', ['exec'], 'COMMAND is missing'],
    ['lab', ['advance', 'soon'], 'SECONDS takes an integer of at least 0, not soon'],
    ['lab', ['up', '--port', '65536'], '--port takes an integer from 0 to 65535, not 65536'],
    ['access', ['evaluate'], 'CASES.json is missing'],
    ['access', ['matrix', '--fromat', 'json'], 'There is no option --fromat. Did you mean --format?\nSee: npm run access -- matrix --help\n'],
    ['access', ['constructor'], 'There is no command constructor.'],
  ] as const)('%s %j says what is wrong, with exit code 2 and without a stack trace', (program, args, message) => {
    const { status, stderr, stdout } = runProgram(program, args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each(['access', 'lab'] as const)('of %s without a command prints the help, with exit code 2', (program) => {
    expect(runProgram(program, [])).toMatchObject({ status: 2, stdout: expect.stringContaining('Commands:') });
  });
});

describe('the environment', () => {
  it('without Terraform is named in one sentence, without a stack trace', () => {
    const { folder, PATH } = folderWith({});
    const { status, stderr } = runProgram('start', [], { env: { PATH } });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Terraform 1\.10 or later .* must be on the PATH, but terraform was not found\..*\n$/);
  });

  it.each([
    ['start', []],
    ['access', ['verify']],
  ] as const)('with a Terraform that is too old is refused by %s %j, also under another name', (program, args) => {
    const { folder, PATH } = folderWith({ tofu: `echo '{"terraform_version": "1.5.7"}'` });
    const { status, stderr } = runProgram(program, args, { env: { PATH, TERRAFORM_BINARY_NAME: 'tofu' } });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toContain('is needed, but tofu is 1.5');
  });

  it('with an unusable setting is refused by its name', () => {
    const { status, stderr } = runProgram('start', [], { env: { PIPELINE_REGION: 'Dublin' } });
    expect(status).toBe(1);
    expect(stderr).toContain('region (PIPELINE_REGION)');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
