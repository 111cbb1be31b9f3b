import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { STACKS } from '../../access/application';
import { runProgram } from './programs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'access-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command from a folder in which nothing was synthesized. */
const run = (...args: readonly string[]) => runProgram('access', args, { cwd: folder });
const write = (name: string, content: unknown) => {
  const file = path.join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const STATES = STACKS.map((stack) => path.resolve(`__tests__/access/fixtures/${stack}.json`));

const CASE = {
  name: 'a role that the key policy does not name',
  request: {
    principal: 'arn:aws:sts::111122223333:assumed-role/Reader/work',
    action: 'kms:Decrypt',
    resource: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    context: { 'aws:MultiFactorAuthPresent': true },
  },
  policies: {
    identity: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }],
    resource: null,
    boundary: [],
    session: null,
  },
  expected: 'implicitly denied',
};

describe('npm run access -- evaluate', () => {
  it('counts what is as expected', () => {
    const { status, stdout } = run('evaluate', write('right.json', [CASE]));
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1 passed, 0 failed\n' });
  });

  it('tells what is not, with AWS’s message and exit code 1', () => {
    const { status, stdout } = run('evaluate', write('wrong.json', [{ ...CASE, expected: 'allowed' }, CASE]));
    expect(status).toBe(1);
    expect(stdout).toBe(
      `${CASE.name}: expected allowed, but it is implicitly denied (User: ${CASE.request.principal} is not authorized to perform: kms:Decrypt on resource: ${CASE.request.resource} because no resource-based policy allows the kms:Decrypt action)\n1 passed, 1 failed\n`,
    );
  });

  it.each([
    ['a misspelt kind of policy', [{ ...CASE, policies: { ...CASE.policies, boundery: [] } }], 'Unrecognized key: "boundery"'],
    ['an outcome that is none', [{ ...CASE, expected: 'denied' }], 'expected: Invalid option'],
    ['no list', {}, 'is not a list of cases'],
    ['no JSON', '{', 'is not JSON'],
  ])('refuses %s by name, with exit code 2 and without a stack trace', (_what, content, message) => {
    const { status, stderr } = run('evaluate', write('form.json', content));
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('npm run access -- matrix', () => {
  it('passes as expected, and fails on a difference with its statement', () => {
    expect(run('matrix', '--format', 'json', '--output', path.join(folder, 'matrix.json'), ...STATES)).toMatchObject({ status: 0 });
    const expected = JSON.parse(readFileSync('access/matrix/expected.json', 'utf8')) as Record<string, string[]>;
    const other = write('expected.json', { ...expected, 'queue/people/send': ['role/AdminRole', 'role/SQSAccessRole'] });
    const { status, stderr } = run('matrix', '--format', 'junit', '--expected', other, ...STATES);
    expect(status).toBe(1);
    expect(stderr).toContain('AdminRole | people: send: expected allowed, computed denied by sqs:SendMessage: DenySendToAllButProducers');
  });

  it('writes the expected matrix in the form in which it is kept', () => {
    const accepted = path.join(folder, 'accepted.json');
    expect(run('matrix', '--accept', accepted, ...STATES)).toMatchObject({ status: 0 });
    expect(readFileSync(accepted, 'utf8')).toBe(readFileSync('access/matrix/expected.json', 'utf8'));
  });

  it('compares with the baseline of the user, which --accept has written', () => {
    const baseline = path.join(folder, 'baseline.json');
    expect(run('matrix', '--accept', baseline, ...STATES)).toMatchObject({
      status: 0,
      stdout: `Written to ${baseline}. Read the difference before you commit it.\n`,
    });
    expect(run('matrix', '--expected', baseline, ...STATES)).toMatchObject({ status: 0 });
    expect(run('matrix', '--accept', baseline, '--expected', baseline, ...STATES)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--accept writes'),
    });
    const nowhere = path.join(folder, 'none', 'baseline.json');
    expect(run('matrix', '--accept', nowhere, ...STATES)).toMatchObject({ status: 1, stderr: `The file ${nowhere} cannot be written: ENOENT\n` });
  });

  it('accepts nothing that is not decided', () => {
    const identity = JSON.parse(readFileSync(String(STATES[0]), 'utf8')) as { values: { root_module: { resources: object[] } } };
    identity.values.root_module.resources.push({ address: 'aws_iam_user_policy.more', type: 'aws_iam_user_policy', mode: 'managed', values: {} });
    const { status, stderr } = run('matrix', '--accept', path.join(folder, 'open.json'), write('open-identity.json', identity), ...STATES.slice(1));
    expect(status).toBe(1);
    expect(stderr).toContain('Nothing was written, because this is not decided:\naws_iam_user_policy.more');
  });
});

describe('npm run access -- plan', () => {
  /** The plan of the stack keys that a change of its state's text would be. */
  const planOfKeys = (name: string, edit: (text: string) => string, unknown?: string) => {
    const before = JSON.parse(readFileSync(String(STATES[1]), 'utf8')) as { values: { root_module: { resources: { type: string; address: string }[] } } };
    const after = JSON.parse(edit(JSON.stringify(before.values))) as typeof before.values;
    const changes = after.root_module.resources
      .filter(({ type }) => type === 'aws_kms_key')
      .map((resource) => ({ ...resource, mode: 'managed', change: { actions: ['update'], before: null, after_unknown: unknown ? { [unknown]: true } : {} } }));
    return write(name, { format_version: '1.2', prior_state: before, planned_values: after, resource_changes: changes });
  };

  it('ends with 0 where nothing changes', () => {
    const plan = planOfKeys('same.json', (text) => text);
    const { status, stdout } = run('plan', String(STATES[0]), plan, String(STATES[2]));
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'Applying this changes nobody’s access.\n' });
  });

  it('ends with 1 where there is no plan, only states', () => {
    expect(run('plan', ...STATES)).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no plan in') });
  });

  it('ends with 2 where access is gained, unless the difference is accepted', () => {
    const plan = planOfKeys('gain.json', (text) => text.replaceAll('pipeline-OperatorRole', 'pipeline-KeyManagerRole'));
    const files = [STATES[0], plan, STATES[2]] as string[];
    const { status, stdout } = run('plan', ...files);
    expect(status).toBe(2);
    expect(stdout).toContain('KeyManagerRole, by kms:Decrypt: ReadDeadLettersByOperator (policy of key pipeline-queue)');
    const change = JSON.parse(run('plan', '--format', 'json', ...files).stdout) as {
      gained: { actor: string; operation: string }[];
      statements: { id: string }[];
    };
    const cells = change.gained.map(({ actor, operation }) => `${actor} | ${operation}`);
    expect(run('plan', '--allow', write('cells.json', cells), ...files)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('Gained over all requests'),
    });
    const allowed = write('allowed.json', [...cells, ...change.statements.map(({ id }) => id)]);
    expect(run('plan', '--allow', allowed, ...files)).toMatchObject({ status: 0, stdout: expect.stringContaining('Lost: ') });
  });

  it('accepts differences with a reason into a file that lets them pass, and names those that nothing needs', () => {
    const plan = planOfKeys('accepted-gain.json', (text) => text.replaceAll('pipeline-OperatorRole', 'pipeline-KeyManagerRole'));
    const files = [STATES[0], plan, STATES[2]] as string[];
    const file = write('accepted.json', [{ id: 'key/pipeline-table | not-rotated', reason: 'rotated by hand' }]);
    const refused = run('plan', '--accept', file, ...files);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('--accept needs a reason') });
    const { status, stdout, stderr } = run('plan', '--accept', file, '--reason', 'change 7', ...files);
    expect(status).toBe(0);
    expect(stdout).toContain('KeyManagerRole, by kms:Decrypt: ReadDeadLettersByOperator (policy of key pipeline-queue)');
    expect(stderr).toContain(`${file} accepts what this change does not have: key/pipeline-table | not-rotated\nWritten to ${file}: `);
    const accepted = JSON.parse(readFileSync(file, 'utf8')) as { id: string; reason: string }[];
    expect(accepted[0]).toEqual({ id: 'key/pipeline-table | not-rotated', reason: 'rotated by hand' });
    expect(accepted.slice(1).every(({ reason }) => reason === 'change 7')).toBe(true);
    const again = run('plan', '--allow', file, ...files);
    expect(again).toMatchObject({ status: 0, stdout: expect.not.stringContaining('Gained') });
    expect(again.stderr).toBe(`${file} accepts what this change does not have: key/pipeline-table | not-rotated\n`);
    const empty = write('no-reason.json', [{ id: 'key/pipeline-table | not-rotated', reason: '' }]);
    expect(run('plan', '--allow', empty, ...files)).toMatchObject({ status: 1, stderr: expect.stringContaining('each with its reason') });
  });

  it('tells code scanning, with the file that a resource is in', () => {
    const plan = planOfKeys('sarif.json', (text) => text.replaceAll('pipeline-OperatorRole', 'pipeline-KeyManagerRole'));
    const { status, stdout } = run('plan', '--format', 'sarif', String(STATES[0]), plan, String(STATES[2]));
    expect(status).toBe(2);
    const [{ results }] = (JSON.parse(stdout) as { runs: [{ results: { ruleId: string; locations: object[] }[] }] }).runs;
    expect(results[0]).toMatchObject({ ruleId: 'access-gained', locations: [{ physicalLocation: { artifactLocation: { uri: 'sarif.json' } } }] });
    const same = planOfKeys('sarif-same.json', (text) => text);
    const none = run('plan', '--format', 'sarif', String(STATES[0]), same, String(STATES[2]));
    expect(none.status).toBe(0);
    expect(JSON.parse(none.stdout)).toMatchObject({ runs: [{ results: [] }] });
  });

  it('ends with 1 for a policy that is not valid, and names it', () => {
    const plan = planOfKeys('malformed.json', (text) => text.replaceAll('\\"Effect\\":\\"Allow\\"', '\\"Effect\\":\\"Permit\\"'));
    const { status, stderr } = run('plan', STATES[0] as string, plan, STATES[2] as string);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^policy of key pipeline-\w+, statement \w+: Statement\[\d\]\.Effect: must be Allow or Deny\n$/);
  });

  it('ends with 3 where only an apply will tell', () => {
    const plan = planOfKeys('unknown.json', (text) => text.replaceAll('"policy":', '"was_policy":'), 'policy');
    expect(run('plan', STATES[0] as string, plan, STATES[2] as string)).toMatchObject({ status: 3, stdout: expect.stringContaining('Not determined') });
  });

  it.each([
    ['a stack that is missing', [STATES[1] as string], 'The files contain nothing of the stack identity, without which access cannot be decided'],
    ['a file that is not there', ['none.json'], 'The file none.json cannot be read'],
    ['a file that is no plan', [path.resolve('package.json')], 'is not the JSON of a Terraform plan or state'],
    ['an unknown format', ['--format', 'pdf'], '--format cannot be pdf. Allowed: text, markdown, json'],
  ])('ends with 1 for %s, without a stack trace', (_what, args, message) => {
    const { status, stderr } = run('plan', ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('npm run access --', () => {
  it('mutates and finds paths as the repository accepts them', () => {
    expect(run('mutate', ...STATES)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /AssumeHumanRoles: .*; a second lock: .*; https:\/\/docs\.aws\.amazon\.com\/[\s\S]*\d+ mutants: \d+ change the matrix, \d+ change no request, 0 not caught/,
      ),
    });
    expect(run('paths', ...STATES)).toMatchObject({ status: 0, stdout: expect.stringMatching(/\d+ passed, 0 failed/) });
  });

  it('names what no step of escalation follows, and in JSON every action of it', () => {
    const { stdout } = run('paths', ...STATES);
    expect(stdout).toMatch(/^not followed {2}AdminRole: Write: [\d,]+ actions of \d+ services on \*, by EverythingForAdministrators \(pipeline-Admin\)$/m);
    const { accepted, unexpected, stale, notFollowed } = JSON.parse(run('paths', '--format', 'json', ...STATES).stdout) as Record<string, unknown[]>;
    expect([accepted?.length, unexpected, stale]).toEqual([33, [], []]);
    expect(notFollowed).toContainEqual(
      expect.objectContaining({ actors: ['role/AdminRole'], accessLevel: 'Write', actions: expect.arrayContaining(['s3:PutObject']) }),
    );
  });
});
