import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { runProgram } from './programs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'who-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runProgram('access', ['who', ...args], { cwd: folder });
const write = (name: string, content: unknown) => {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const state = (...resources: readonly Record<string, unknown>[]) => ({ format_version: '1.0', values: { root_module: { resources } } });
const BUCKET = { address: 'aws_s3_bucket.b', mode: 'managed', type: 'aws_s3_bucket', name: 'b', values: { bucket: 'b', arn: 'arn:aws:s3:::b' } };

describe('npm run access -- who', () => {
  it('ends with 0 when everything is decided, and says what it assumed', () => {
    const { status, stdout } = run(write('bucket.json', state(BUCKET)));
    expect(status).toBe(0);
    expect(stdout).toContain('bucket b  (aws_s3_bucket.b)\n  read: nobody\n');
    expect(stdout).toContain('Assumed: the account is 000000000000, because the JSON does not tell it: give --account');
  });

  it('takes account and region where the JSON does not tell them, and answers programs', () => {
    const { status, stdout } = run('--account', '111122223333', '--region', 'eu-west-1', '--format', 'json', write('bucket.json', state(BUCKET)));
    expect(status).toBe(0);
    expect(z.looseObject({}).parse(JSON.parse(stdout))).toMatchObject({ account: '111122223333', region: 'eu-west-1', assumed: [], undetermined: [] });
  });

  it('ends with 3 where something is not decided, and names it', () => {
    const { status, stdout } = run(write('domain.json', state(BUCKET, { ...BUCKET, address: 'aws_opensearch_domain.d', type: 'aws_opensearch_domain' })));
    expect(status).toBe(3);
    expect(stdout).toContain('Not decided:\n  aws_opensearch_domain.d: resources of the type aws_opensearch_domain are not supported');
  });

  it('tells code scanning what is not decided, with its address and file', () => {
    const { status, stdout } = run(
      '--format',
      'sarif',
      write('domain.json', state(BUCKET, { ...BUCKET, address: 'aws_opensearch_domain.d', type: 'aws_opensearch_domain' })),
    );
    expect(status).toBe(3);
    expect(stdout).toContain('"fullyQualifiedName": "aws_opensearch_domain.d"');
    expect(stdout).toContain('"uri": "domain.json"');
  });

  it.each<[string, string[]]>([
    ['is not the JSON of a Terraform plan or state', ['policy.json']],
    ['cannot be read', ['missing.json']],
    ['is not an account', ['--account', '7', 'bucket.json']],
    ['is not a region', ['--region', 'Ireland', 'bucket.json']],
  ])('ends with 1 and without a stack trace where an argument %s', (message, args) => {
    write('policy.json', { Version: '2012-10-17', Statement: [] });
    write('bucket.json', state(BUCKET));
    const { status, stderr } = run(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});
