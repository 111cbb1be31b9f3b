import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareCommand } from '../../../cli/access/compare';
import { ProjectError } from '../../../evaluator';
import { type AccessCase, decideCase } from '../../../evaluator/cases';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'compare-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(content: unknown): string {
  files += 1;
  const file = path.join(folder, `${files}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** Runs the command in this process. An error ends it as the program would. */
async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly errors: string }> {
  const lines: string[] = [];
  const errors: string[] = [];
  const output = { print: (line: string) => void lines.push(line), log: (line: string) => void errors.push(line) };
  try {
    const code = await compareCommand.run(args, output);
    return { code, out: lines.join('\n'), errors: errors.join('\n') };
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return { code: compareCommand.declaration.errorExitCode ?? Number.NaN, out: lines.join('\n'), errors: error.message };
  }
}

const document = (...Statement: readonly unknown[]) => ({ Version: '2012-10-17', Statement });
const SEND = { Sid: 'Send', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-west-1:111122223333:people' };
const SECURE = { Sid: 'Secure', Effect: 'Deny', Action: 'sqs:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

describe('the command compare', () => {
  it('says that policies are equal which decide every request alike', async () => {
    const other = { ...SEND, Sid: 'Other', Action: ['sqs:SendMessage', 'SQS:sendmessage'] };
    expect(await run(write(document(SEND)), write(document(other)))).toEqual({ code: 0, out: 'equal: no request is decided differently', errors: '' });
  });

  it('names the statement that allows more, with a request that shows it', async () => {
    const more = { ...SEND, Sid: 'Receive', Action: 'sqs:ReceiveMessage', Condition: { StringEquals: { 'aws:PrincipalTag/team': 'red' } } };
    const { code, out } = await run(write(document(SEND)), write(document(SEND, more)));
    expect(code).toBe(2);
    expect(out).toBe(
      [
        'The second policy allows what the other does not:',
        '  allowed by Receive of the second policy; no statement of the other policy allows it',
        '    actions: sqs:ReceiveMessage',
        '    for example arn:aws:iam::111122223333:user/x: sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:111122223333:people, with aws:principaltag/team = red',
        'second allows more',
      ].join('\n'),
    );
  });

  it('tells code scanning what the second policy lets pass, and what it does not any more', async () => {
    const more = { ...SEND, Sid: 'Receive', Action: 'sqs:ReceiveMessage' };
    const [first, second] = [write(document(SEND, SECURE)), write(document(more))];
    const { code, out } = await run('--format', 'sarif', first, second);
    expect(code).toBe(2);
    const [{ results }] = (JSON.parse(out) as { runs: [{ results: object[] }] }).runs;
    const result = (ruleId: string, level: string, text: RegExp, file: string) =>
      expect.objectContaining({
        ruleId,
        level,
        message: { text: expect.stringMatching(text) },
        locations: [expect.objectContaining({ physicalLocation: expect.objectContaining({ artifactLocation: { uri: `file://${file}` } }) })],
      });
    expect(results).toContainEqual(result('policy-allows-more', 'error', /^allowed by Receive of the second policy; /, second));
    expect(results).toContainEqual(result('policy-allows-more', 'error', /^denied by Secure of the first policy; /, first));
    expect(results).toContainEqual(result('policy-allows-less', 'note', /^allowed by Send of the first policy; /, first));
    expect(JSON.parse((await run('--format', 'sarif', first, first)).out)).toMatchObject({ runs: [{ results: [] }] });
  });

  it('says that each allows more where each does', async () => {
    const { code, out } = await run(write(document(SEND)), write(document({ ...SEND, Action: 'sqs:ReceiveMessage' })));
    expect({ code, last: out.split('\n').at(-1) }).toEqual({ code: 2, last: 'both: each policy allows what the other does not' });
  });

  it('tells of a Deny that is gone, also where nothing is allowed', async () => {
    const { code, out } = await run(write(document(SECURE)), write(document({ ...SECURE, Action: 'sqs:SendMessage' })));
    expect(code).toBe(2);
    expect(out).toContain('The first policy denies what the other does not:\n  denied by Secure of the first policy');
    expect(out).toMatch(/equal in what each allows alone, but they deny different requests$/);
  });

  it('writes witnesses that evaluate repeats', async () => {
    const { code, out } = await run(write(document(SEND, SECURE)), write(document({ ...SEND, Action: 'sqs:*' })), '--format', 'json');
    const cases = JSON.parse(out) as AccessCase[];
    expect({ code, some: cases.length > 0 }).toEqual({ code: 2, some: true });
    for (const accessCase of cases) {
      const { name, expected } = accessCase;
      expect({ name, outcome: decideCase(accessCase).outcome }).toEqual({ name, outcome: expected });
    }
  });

  it('is undetermined, by name, where it cannot ask about a principal', async () => {
    const trust = (provider: string) => document({ Sid: 'Web', Effect: 'Allow', Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithWebIdentity' });
    const { code, out } = await run(write(trust('login.example.com')), write(trust('login.example.org')));
    expect(code).toBe(3);
    expect(out).toContain('undetermined: Web: requests of the Federated principal login.example.com are not asked about');
  });

  it('asks in the name of identity providers', async () => {
    const trust = (Condition: Record<string, Record<string, string>>) =>
      document({
        Sid: 'Web',
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition,
      });
    const key = 'token.actions.githubusercontent.com:sub';
    const { code, out } = await run(
      write(trust({ StringEquals: { [key]: 'repo:a/b:ref:refs/heads/main' } })),
      write(trust({ StringLike: { [key]: 'repo:*' } })),
    );
    expect(code).toBe(2);
    expect(out).toMatch(/second allows more$/);
  });

  it('compares policies of resources, keys and roles by what they have', async () => {
    const key = (Principal: unknown) => document({ Sid: 'Use', Effect: 'Allow', Principal, Action: 'kms:Decrypt', Resource: '*' });
    const { code, out } = await run(write(key({ AWS: '111122223333' })), write(key({ AWS: 'arn:aws:iam::111122223333:role/Reader' })));
    expect(code).toBe(2);
    // Naming the role makes its own policies unnecessary; naming the account lets in others.
    expect(out).toMatch(/both: each policy allows what the other does not$/);
  });

  it.each([
    ['one document', () => [write(document(SEND))], /Name two policy documents/],
    ['an unknown option', () => [write(document(SEND)), write(document(SEND)), '--depth', '3'], /no option --depth/],
    ['an unknown kind', () => [write(document(SEND)), write(document(SEND)), '--kind', 'bucket'], /--kind cannot be bucket/],
    ['a file that is not there', () => [path.join(folder, 'none.json'), write(document(SEND))], /none\.json cannot be read/],
    ['a file that is no policy', () => [write([1]), write(document(SEND))], /is not a policy document/],
    ['JSON of Terraform', () => [write({ format_version: '1.0', values: {} }), write(document(SEND))], /is JSON of Terraform, the other one is not/],
    ['policies of different kinds', () => [write(document({ ...SEND, Principal: '*' })), write(document(SEND))], /policies of different kinds/],
    [
      'a policy with an error',
      () => [write(document({ ...SEND, Effect: 'Grant' })), write(document(SEND))],
      /first policy, statement Send: Statement\[0\]\.Effect/,
    ],
    ['pairs that are none', () => ['--pairs', write({ pairs: [] })], /is not a file of pairs: documents/],
  ])('ends with 1, which says nothing about access, for %s', async (_what, args, message) => {
    const { code, errors } = await run(...args());
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(message) });
  });

  it('compares pairs with their published answers', async () => {
    const documents = { send: document(SEND), all: document({ ...SEND, Action: 'sqs:*' }) };
    const pair = { first: 'send', second: 'all', validActionResourceOnly: true, firstAllowsMore: false, secondAllowsMore: true };
    expect(await run('--pairs', write({ documents, pairs: [pair] }))).toEqual({ code: 0, out: '1 passed, 0 failed', errors: '' });
    const wrong = { ...pair, validActionResourceOnly: false, firstAllowsMore: true, secondAllowsMore: false };
    const { code, out } = await run('--pairs', write({ documents, pairs: [pair, wrong] }));
    expect({ code, out }).toEqual({ code: 2, out: 'send ~ all: published first allows more, here second allows more\n1 passed, 1 failed' });
  });

  it('passes a disagreement that a page of AWS explains, and prints it', async () => {
    const folderOfPair = 'iam/exp_single/iam_specify_all_users_in_account_bucket_policy/policy1';
    const [first, second] = [`${folderOfPair}.json`, `mutations/${folderOfPair}/3_.json`];
    const bucket = (Action: string) =>
      document({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::12345667789012:root' }, Action, Resource: 'arn:aws:s3:::mybucket' });
    const documents = { [first]: bucket('s3:ListBucket'), [second]: bucket('s3:*') };
    const pair = { first, second, validActionResourceOnly: true, firstAllowsMore: false, secondAllowsMore: true };
    const { code, out } = await run('--pairs', write({ documents, pairs: [pair] }));
    expect(code).toBe(0);
    expect(out).toMatch(/^explained: .*https:\/\/docs\.aws\.amazon\.com\/.*\n1 passed, 0 failed$/);
  });

  it('is a command of npm run access', async () => {
    const words = ['compare', write(document(SEND)), write(document(SEND))];
    const { status, stdout } = spawnSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'cli/access.ts', ...words], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'equal: no request is decided differently\n' });
  });
});
