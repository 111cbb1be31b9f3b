import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseTerraformDocument } from '../../access/graph/terraform-json';
import { projectChange } from '../../access/plan/project-change';
import { readTerraformFile } from '../../cli/access/documents/terraform-file';
import { planCommand } from '../../cli/access/plan';

const folder = mkdtempSync(path.join(tmpdir(), 'plan-refusals-'));

function write(json: object): string {
  const file = path.join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(json));
  return file;
}

const EMPTY = { format_version: '1.2', planned_values: { root_module: {} } };

describe('a plan that does not tell of everything', () => {
  it.each([
    ['that ended with an error', { errored: true }, /ended with an error/],
    ['that is not complete', { complete: false }, /not complete/],
    ['that defers changes', { deferred_changes: [{ reason: 'instance_count_unknown' }] }, /deferred/],
    ['that invokes actions', { action_invocations: [{ address: 'action.aws_lambda_invoke.x' }] }, /actions that a plan invokes/],
  ])('is refused: one %s', async (_what, more, message) => {
    await expect(readTerraformFile(write({ ...EMPTY, ...more }), () => undefined)).rejects.toThrow(message);
  });

  it('is refused where there is none, only a state', async () => {
    const state = write({ format_version: '1.0', values: { root_module: {} } });
    const output = { print: () => undefined, log: () => undefined, write: () => undefined };
    await expect(planCommand.run([state], output)).rejects.toThrow(`There is no plan in ${state}`);
  });

  it('is undetermined where it forgets a resource that stays in place', () => {
    const attachment = { address: 'aws_iam_role_policy_attachment.a', type: 'aws_iam_role_policy_attachment', mode: 'managed' };
    const plan = parseTerraformDocument({ ...EMPTY, resource_changes: [{ ...attachment, change: { actions: ['forget'] } }] }, 'plan.json');
    expect(projectChange([plan]).statements).toContainEqual(expect.objectContaining({ address: attachment.address, undetermined: true }));
  });
});

describe('a policy of a repository', () => {
  it('speaks of the repository, which it does not name', () => {
    const policy = JSON.stringify({ Statement: { Sid: 'Pull', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' } });
    const resources = [
      { address: 'aws_ecr_repository.r', type: 'aws_ecr_repository', mode: 'managed', values: { name: 'images' } },
      { address: 'aws_ecr_repository_policy.r', type: 'aws_ecr_repository_policy', mode: 'managed', values: { repository: 'images', policy } },
    ];
    const plan = parseTerraformDocument({ ...EMPTY, planned_values: { root_module: { resources } } }, 'plan.json');
    const { statements } = projectChange([plan], { account: '111122223333', region: 'eu-west-1' });
    expect(statements).toContainEqual(expect.objectContaining({ statement: expect.stringContaining('Pull'), undetermined: false }));
  });
});
