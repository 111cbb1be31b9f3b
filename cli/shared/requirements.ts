import { spawnSync } from 'node:child_process';
import { UserError } from './user-error';

/** State locking by lock file came with this version. */
const MINIMUM = [1, 10] as const;

/** Checks that a usable Terraform is on the PATH; `TERRAFORM_BINARY_NAME` may name another one, as for cdktf. */
export function requireTerraform(): void {
  const binary = process.env.TERRAFORM_BINARY_NAME || 'terraform';
  const { TF_CLI_CONFIG_FILE: _unused, ...env } = process.env;
  const run = spawnSync(binary, ['version', '-json'], { encoding: 'utf8', env: { ...env, CHECKPOINT_DISABLE: '1' } });
  const wanted = `Terraform ${MINIMUM.join('.')} or later (this project is tested with the version in .terraform-version)`;
  if (run.error)
    throw new UserError(
      `${wanted} must be on the PATH, but ${binary} was not found. Install it from https://developer.hashicorp.com/terraform/install and try again.`,
    );
  const version = /"terraform_version":\s*"(\d+)\.(\d+)/.exec(run.stdout);
  if (!version) throw new UserError(`${wanted} must be on the PATH, but ${binary} did not tell its version.`);
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    throw new UserError(
      `${wanted} is needed, but ${binary} is ${major}.${minor}. Install a newer one from https://developer.hashicorp.com/terraform/install and try again.`,
    );
  }
}
