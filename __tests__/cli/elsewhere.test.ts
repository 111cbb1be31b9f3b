import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { runProgram } from './programs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'elsewhere-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runProgram('access', args, { cwd: folder });
const write = (name: string, content: unknown) => {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const fixture = (project: string, name = 'change') => path.resolve(`__tests__/access/fixtures/elsewhere/${project}/${name}.json`);

type Resource = Record<string, unknown> & { readonly address: string };
const resource = (address: string, values: Record<string, unknown>): Resource => ({
  address,
  mode: 'managed',
  type: address.split('.')[0],
  name: address.split('.')[1],
  values,
});
const root = (resources: readonly Resource[]) => ({ root_module: { resources } });
const state = (...resources: readonly Resource[]) => ({ format_version: '1.0', values: root(resources) });

/** A plan that leads from some resources to others. */
function plan(before: readonly Resource[], after: readonly Resource[]) {
  const addresses = new Set([...before, ...after].map(({ address }) => address));
  const changes = [...addresses].map((address) => {
    const [was, now] = [before, after].map((side) => side.find((each) => each.address === address));
    const same = JSON.stringify(was) === JSON.stringify(now);
    const action = same ? 'no-op' : was && now ? 'update' : now ? 'create' : 'delete';
    return { ...(now ?? was), change: { actions: [action], before: was?.values ?? null, after: now?.values ?? null, after_unknown: {} } };
  });
  return { format_version: '1.2', prior_state: { format_version: '1.0', values: root(before) }, planned_values: root(after), resource_changes: changes };
}

const allowing = (Principal: string | undefined, Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Open', Effect: 'Allow', Principal, Action, Resource: 'arn:aws:s3:::b/*' }] });
const BUCKET = resource('aws_s3_bucket.b', { bucket: 'b', arn: 'arn:aws:s3:::b' });
const POLICY = resource('aws_s3_bucket_policy.b', { bucket: 'b', policy: allowing('*', 's3:GetObject') });
const DOMAIN = resource('aws_opensearch_domain.d', {});
const LINK = resource('aws_sns_topic_subscription.s', {
  topic_arn: 'arn:aws:sns:eu-west-1:111122223333:t',
  protocol: 'https',
  endpoint: 'https://example.com',
});

describe('npm run access -- plan, for another project', () => {
  it.each([
    ['workers', 'role worker-billing, by Receive (worker-billing/receive): allows sqs:DeleteMessage'],
    ['fan-out', 'sns.amazonaws.com, by SendByTopic (policy of queue index): allows sqs:SendMessage'],
    ['cross-account', 'arn:aws:iam::444455556666:user/x, by AssumeByPartner (trust of partner-reader): allows sts:AssumeRole'],
  ])('tells what the change of %s lets pass, and asks for no stack of this application', (project, message) => {
    const { status, stdout, stderr } = run('plan', fixture(project));
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toContain(message);
  });

  it('ends with 0 where nothing changes, and names what it assumes', () => {
    const { status, stdout } = run('plan', write('same.json', plan([BUCKET, POLICY, DOMAIN], [BUCKET, POLICY, DOMAIN])));
    expect(status).toBe(0);
    expect(stdout).toContain('Assumed: the account is 000000000000, because the JSON does not tell it: give --account');
    expect(stdout).toContain('Applying this changes nobody’s access.');
    const told = run('plan', '--account', '111122223333', '--region', 'eu-west-1', 'same.json');
    expect(told).toMatchObject({ status: 0, stdout: expect.not.stringContaining('Assumed') });
  });

  it.each([
    ['made', plan([BUCKET], [BUCKET, DOMAIN])],
    ['changed', plan([BUCKET, DOMAIN], [BUCKET, { ...DOMAIN, values: { access_policies: '{}' } }])],
    ['deleted', plan([BUCKET, DOMAIN], [BUCKET])],
  ])('ends with 3 where a resource of an unsupported type is %s', (_what, content) => {
    const { status, stdout } = run('plan', write('domain.json', content));
    expect(status).toBe(3);
    expect(stdout).toContain('aws_opensearch_domain.d: not decided: resources of the type aws_opensearch_domain are not supported');
  });

  it('tells what passes data on without a policy, and a bucket that is destroyed', () => {
    const { status, stdout } = run('plan', write('link.json', plan([BUCKET], [LINK])));
    expect(status).toBe(2);
    expect(stdout).toContain('by aws_sns_topic_subscription.s: no policy says so');
    expect(stdout).toContain('aws_s3_bucket.b is destroyed: what it holds is lost');
  });

  it('accepts differences with a reason, which then pass', () => {
    const file = write('open.json', plan([BUCKET], [BUCKET, POLICY]));
    const accepted = path.join(folder, 'accepted.json');
    expect(run('plan', file)).toMatchObject({ status: 2, stdout: expect.stringContaining('by Open (policy of bucket b): allows s3:GetObject') });
    expect(run('plan', '--accept', accepted, '--reason', 'a public website', file).status).toBe(0);
    expect(run('plan', '--allow', accepted, file)).toMatchObject({ status: 0, stdout: expect.stringContaining('Applying this changes nobody’s access.') });
  });

  it('tells code scanning with the address of what is not decided', () => {
    const { stdout } = run('plan', '--format', 'sarif', write('domain.json', plan([BUCKET], [BUCKET, DOMAIN])));
    expect(stdout).toContain('"fullyQualifiedName": "aws_opensearch_domain.d"');
  });

  it('is not taken for another project where one file is of this application', () => {
    const keys = path.resolve('__tests__/access/fixtures/keys.json');
    const { status, stderr } = run('plan', write('bucket.json', state(BUCKET)), keys);
    expect(status).toBe(1);
    expect(stderr).toContain('The files contain nothing of the stack identity');
    expect(run('plan', '--project', 'any', keys)).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no plan in') });
  });
});

describe('npm run access -- compare, of deployments', () => {
  const [closed, open] = [state(BUCKET), state(BUCKET, POLICY)];

  it('says that a deployment is equal to itself', () => {
    const file = write('open.json', open);
    expect(run('compare', file, file)).toMatchObject({ status: 0, stdout: expect.stringContaining('equal: no request is decided differently') });
  });

  it('says which allows more, by which statement, with a request', () => {
    const { status, stdout } = run('compare', write('closed.json', closed), write('open.json', open));
    expect(status).toBe(2);
    expect(stdout).toMatch(/The second deployment .*\n.*by Open \(policy of bucket b\): allows s3:GetObject on .*, for example s3:GetObject on/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('second allows more');
    expect(run('compare', 'open.json', 'closed.json')).toMatchObject({ status: 2, stdout: expect.stringContaining('first allows more') });
  });

  it('takes several files for one deployment', () => {
    const parts = [write('bucket.json', state(BUCKET)), write('policy.json', state(POLICY))];
    expect(run('compare', parts.join(','), write('open.json', open)).status).toBe(0);
  });

  it('takes what is not known on both sides for undetermined', () => {
    const file = write('domain.json', state(BUCKET, DOMAIN));
    const { status, stdout } = run('compare', file, file);
    expect(status).toBe(3);
    expect(stdout).toContain('undetermined: of the second deployment, aws_opensearch_domain.d');
  });

  it('answers programs and code scanning', () => {
    const files = [write('closed.json', closed), write('open.json', open)] as const;
    const json = z.looseObject({}).parse(JSON.parse(run('compare', '--format', 'json', ...files).stdout));
    expect(json).toMatchObject({
      relation: 'second allows more',
      first: [],
      second: expect.arrayContaining([expect.objectContaining({ statement: 'Open (policy of bucket b)' })]),
    });
    expect(run('compare', '--format', 'sarif', ...files).stdout).toContain('"ruleId": "statement-allows-more"');
  });

  it('refuses a policy beside a deployment', () => {
    const policy = write('document.json', { Version: '2012-10-17', Statement: [] });
    expect(run('compare', policy, write('open.json', open))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is JSON of Terraform, the other one is not'),
    });
  });
});

describe('npm run access -- matrix, for another project', () => {
  it('says how to write a baseline, and ends with 1 without one', () => {
    const { status, stdout, stderr } = run('matrix', fixture('fan-out'));
    expect(status).toBe(1);
    expect(stdout).toContain('queue index  (aws_sqs_queue.consumer["index"])');
    expect(stderr).toContain('--accept BASELINE.json');
  });

  it('is equal to the baseline that it has written, and differs once somebody else can', () => {
    const baseline = path.join(folder, 'baseline.json');
    const closed = write('closed.json', state(BUCKET, DOMAIN));
    expect(run('matrix', '--accept', baseline, closed).status).toBe(0);
    expect(readFileSync(baseline, 'utf8')).toContain('aws_opensearch_domain.d: resources of the type aws_opensearch_domain are not supported');
    expect(run('matrix', '--expected', baseline, closed)).toMatchObject({ status: 0, stderr: expect.stringContaining(', 0 failed') });
    const { status, stderr } = run('matrix', '--expected', baseline, write('open.json', state(BUCKET, POLICY)));
    expect(status).toBe(1);
    expect(stderr).toMatch(/not in the baseline: bucket b \| read \| .*anybody without credentials: s3:GetObject/);
    expect(stderr).toContain('in the baseline only: not decided | aws_opensearch_domain.d');
  });

  it('refuses a file that is no baseline, and formats of the expected matrix', () => {
    const file = write('open.json', state(BUCKET));
    expect(run('matrix', '--expected', file, file)).toMatchObject({ status: 2, stderr: expect.stringContaining('is not a baseline') });
    expect(run('matrix', '--format', 'junit', file)).toMatchObject({ status: 2, stderr: expect.stringContaining('not as junit') });
  });
});
