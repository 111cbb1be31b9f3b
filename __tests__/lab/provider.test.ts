import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION, startLab, type TestLab } from './support';
import { runAgainst } from './terraform';

let test: TestLab;
let folder: string;
beforeAll(async () => {
  test = await startLab();
});
afterAll(() => test.stop());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'terraform-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = `
terraform {
  required_providers {
    aws     = { source = "hashicorp/aws" }
    archive = { source = "hashicorp/archive" }
  }
}
provider "aws" {
  region = "${REGION}"
  default_tags { tags = { Project = "test" } }
}
`;
const write = (body: string) => writeFileSync(path.join(folder, 'main.tf'), HEAD + body);
const terraform = (...args: string[]) => runAgainst(test.lab, test.lab.bootstrap, ['terraform', ...args], { cwd: folder });
async function apply(body: string) {
  write(body);
  await terraform('init', '-no-color', '-input=false');
  return terraform('apply', '-no-color', '-auto-approve', '-input=false');
}
const plan = () => terraform('plan', '-no-color', '-detailed-exitcode', '-input=false');

const queue = (name: string, more = '') => `
resource "aws_sqs_queue" "q" {
  name = "${name}"
  ${more}
}
`;
const role = (name: string, more = '') => `
resource "aws_iam_role" "r" {
  name               = "${name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "L", Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
  ${more}
}
`;

describe('the Terraform provider of the lab', () => {
  it('creates, finds nothing to change, updates in place, and destroys', async () => {
    expect(await apply(queue('cycle', 'visibility_timeout_seconds = 40'))).toMatchObject({ code: 0 });
    expect(await plan()).toMatchObject({ code: 0 });
    const changed = await apply(queue('cycle', 'visibility_timeout_seconds = 50'));
    expect(changed.output).toContain('0 added, 1 changed, 0 destroyed');
    expect((await terraform('destroy', '-no-color', '-auto-approve')).output).toContain('1 destroyed');
    expect(test.lab.account.sqs.queues.has('cycle')).toBe(false);
  });

  it('replaces what cannot be changed', async () => {
    await apply(queue('before'));
    write(queue('after'));
    const { output } = await plan();
    expect(output).toContain('forces replacement');
    expect((await terraform('apply', '-no-color', '-auto-approve')).output).toContain('1 added, 0 changed, 1 destroyed');
  });

  it('shows drift of what was changed behind Terraform’s back, and mends it', async () => {
    await apply(queue('drifting', 'visibility_timeout_seconds = 40'));
    const QueueUrl = `${test.lab.endpoint.url}/${ACCOUNT}/drifting`;
    await test.bootstrap.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '99' } }));
    const drifted = await plan();
    expect(drifted.code).toBe(2);
    expect(drifted.output).toMatch(/visibility_timeout_seconds\s+= 99 -> 40/);
    await terraform('apply', '-no-color', '-auto-approve');
    const { Attributes } = await test.bootstrap.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }));
    expect(Attributes).toEqual({ VisibilityTimeout: '40' });
  });

  it('makes again what somebody else deleted', async () => {
    await apply(queue('deleted'));
    test.lab.account.sqs.queues.delete('deleted');
    expect((await plan()).output).toContain('1 to add');
  });

  it('takes a policy for the same when only its form changed', async () => {
    await apply(role('formed'));
    write(role('formed').replace('Action = "sts:AssumeRole"', 'Action = ["sts:AssumeRole"]'));
    expect(await plan()).toMatchObject({ code: 0 });
  });

  it('tags everything with the defaults, the resource’s own tags first', async () => {
    await apply(role('tagged', 'tags = { Project = "own", Extra = "1" }'));
    const { Role: tagged } = await test.bootstrap.iam.send(new GetRoleCommand({ RoleName: 'tagged' }));
    expect(tagged?.Tags).toEqual(
      expect.arrayContaining([
        { Key: 'Project', Value: 'own' },
        { Key: 'Extra', Value: '1' },
      ]),
    );
    write(role('tagged', 'tags = { Extra = "2" }'));
    await terraform('apply', '-no-color', '-auto-approve');
    expect(await plan()).toMatchObject({ code: 0 });
    const { Role: changed } = await test.bootstrap.iam.send(new GetRoleCommand({ RoleName: 'tagged' }));
    expect(changed?.Tags).toEqual(expect.arrayContaining([{ Key: 'Project', Value: 'test' }]));
  });

  it('imports what exists', async () => {
    await apply(queue('imported', 'visibility_timeout_seconds = 40'));
    const id = `${test.lab.endpoint.url}/${ACCOUNT}/imported`;
    await terraform('state', 'rm', 'aws_sqs_queue.q');
    expect(await terraform('import', '-no-color', 'aws_sqs_queue.q', id)).toMatchObject({ code: 0 });
    expect((await plan()).output).toContain('No changes');
  });

  it('refuses attributes, types and provider settings that it does not model, by name', async () => {
    expect((await apply(queue('x.fifo', 'fifo_queue = true'))).output).toContain('The lab does not model aws_sqs_queue.fifo_queue');
    expect((await apply('resource "aws_s3_bucket" "b" {}')).output).toMatch(/aws_s3_bucket/);
    write(
      queue('y')
        .replace('resource', 'provider "aws" {\n alias = "p"\n region = "eu-west-1"\n profile = "me"\n}\nresource')
        .replace('name = ', 'provider = aws.p\n name = '),
    );
    expect((await plan()).output).toContain('The lab does not model the provider setting profile');
  });

  it('checks values as the real provider does', async () => {
    expect((await apply(queue('bad', 'visibility_timeout_seconds = 50000'))).output).toContain(
      'expected visibility_timeout_seconds to be in the range (0 - 43200)',
    );
    expect((await apply(queue('bad', 'kms_master_key_id = "k"\n sqs_managed_sse_enabled = true'))).output).toContain('conflicts with');
  });

  it('refuses another region than the account’s', async () => {
    writeFileSync(path.join(folder, 'main.tf'), `provider "aws" { region = "us-east-1" }\n${queue('elsewhere')}`);
    await terraform('init', '-no-color', '-input=false');
    expect((await plan()).output).toContain("The lab's account is in eu-west-1");
  });

  it('shows an error of the account with its resource, and keeps what was made', async () => {
    const { output, code } = await apply(`${queue('made')}\nresource "aws_kms_alias" "a" {\n name = "alias/lost"\n target_key_id = "no-such-key"\n}`);
    expect(code).toBe(1);
    expect(output).toContain('NotFoundException');
    expect((await terraform('state', 'list')).output).toContain('aws_sqs_queue.q');
  });

  describe('archive_file', () => {
    const archive = `
      data "archive_file" "zip" {
        type             = "zip"
        source_dir       = "source"
        output_path      = "out/package.zip"
        output_file_mode = "0644"
      }
      output "hash" { value = data.archive_file.zip.output_base64sha256 }
    `;
    const addSource = (where: string) => {
      mkdirSync(path.join(where, 'source'), { recursive: true });
      writeFileSync(path.join(where, 'source', 'index.js'), 'exports.handler = async () => 1;');
    };

    it('gives the same hash for the same files', async () => {
      addSource(folder);
      await apply(archive);
      const first = await terraform('output', '-raw', 'hash');
      addSource(folder);
      await apply(archive);
      expect((await terraform('output', '-raw', 'hash')).output).toBe(first.output);
      expect(first.output).toMatch(/^[A-Za-z0-9+/]{43}=/);
    });

    it('refuses a relative path that fits more than one folder of the run', async () => {
      const other = mkdtempSync(path.join(tmpdir(), 'terraform-'));
      addSource(folder);
      addSource(other);
      write(archive);
      await terraform('init', '-no-color', '-input=false');
      const { output } = await runAgainst(test.lab, test.lab.bootstrap, ['terraform', 'plan', '-no-color'], { cwd: folder, folders: [folder, other] });
      rmSync(other, { recursive: true });
      expect(output.replace(/\s*│?\s+/g, ' ')).toContain('exists in more than one folder of this run');
    });
  });
});
