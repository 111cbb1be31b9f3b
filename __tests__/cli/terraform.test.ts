import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { showDocument } from '../../cli/access/terraform-documents';
import { requireTerraform } from '../../cli/shared/requirements';
import { runTerraform, terraformEnvironment } from '../../cli/shared/terraform';
import { folderWith } from './programs';

const SHOW = `echo '{"format_version":"1.0","values":{"root_module":{"resources":[]}},"terraform_version":"1.11.0"}'`;
const { folder, PATH } = folderWith({
  'other-terraform': `echo "$@" >> "$0.log"\n${SHOW}`,
  failing: `printf '\\033[31mError: no state\\033[0m\\n' >&2; exit 3`,
  environment: 'echo "$CHECKPOINT_DISABLE|$TF_CLI_CONFIG_FILE|$PWD"',
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('running Terraform', () => {
  it('runs what TERRAFORM_BINARY_NAME names, in the folder of the stack, as verify does', async () => {
    const stack = path.join(folder, 'cdktf.out', 'stacks', 'keys');
    mkdirSync(stack, { recursive: true });
    expect(await showDocument('keys', [], { cwd: folder, env: { PATH, TERRAFORM_BINARY_NAME: 'other-terraform' } })).toMatchObject({ format_version: '1.0' });
    await expect(showDocument('keys', [], { cwd: folder, env: { PATH } })).rejects.toThrow('terraform must be on the PATH');
    const env = { PATH, TERRAFORM_BINARY_NAME: 'environment' };
    await expect(runTerraform([], { cwd: stack, env })).resolves.toContain(stack);
  });

  it('checks the version of what TERRAFORM_BINARY_NAME names', async () => {
    const before = { ...process.env };
    try {
      Object.assign(process.env, { PATH, TERRAFORM_BINARY_NAME: 'other-terraform' });
      await expect(requireTerraform()).resolves.toBeUndefined();
      process.env.TERRAFORM_BINARY_NAME = 'environment';
      await expect(requireTerraform()).rejects.toThrow('must be on the PATH, but environment does not print its version');
    } finally {
      process.env.PATH = before.PATH;
      if (before.TERRAFORM_BINARY_NAME === undefined) delete process.env.TERRAFORM_BINARY_NAME;
      else process.env.TERRAFORM_BINARY_NAME = before.TERRAFORM_BINARY_NAME;
    }
  });

  it('asks for no newer version, and hides a configuration file that is missing', async () => {
    const run = (file: string) => runTerraform([], { env: { PATH, TERRAFORM_BINARY_NAME: 'environment', TF_CLI_CONFIG_FILE: file } });
    expect(await run('/no/such/file')).toMatch(/^1\|\|/);
    expect(await run(path.resolve('package.json'))).toMatch(/^1\|.*package\.json\|/);
    expect(terraformEnvironment({ A: 'b' })).toEqual({ A: 'b', CHECKPOINT_DISABLE: '1' });
  });

  it('fails with what Terraform wrote, without colours', async () => {
    const failed = runTerraform(['show'], { cwd: folder, env: { PATH, TERRAFORM_BINARY_NAME: 'failing' } });
    await expect(failed).rejects.toThrow(`failing show failed in ${folder}:\nError: no state`);
    await expect(failed).rejects.toMatchObject({ name: 'TerraformError', exitCode: 1 });
  });
});
