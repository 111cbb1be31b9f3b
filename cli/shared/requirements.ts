import { z } from 'zod';
import { CommandNotFound, runTerraform, TerraformError, terraformBinary } from './terraform';
import { UserError } from './user-error';

/** State locking by lock file came with this version. */
const MINIMUM = { major: 1, minor: 10 } as const;
const NEEDED = `Terraform ${MINIMUM.major}.${MINIMUM.minor} or later (this project is tested with the version in .terraform-version)`;
const INSTALL = 'https://developer.hashicorp.com/terraform/install';

/** https://developer.hashicorp.com/terraform/cli/commands/version */
const VERSION = z.object({ terraform_version: z.string().regex(/^\d+\.\d+/) });

/**
 * Checks that a usable Terraform is on the PATH; `TERRAFORM_BINARY_NAME` may name another one, as for cdktf.
 *
 * @throws UserError when there is none, or it is too old
 */
export async function requireTerraform(): Promise<void> {
  const binary = terraformBinary();
  const [major = 0, minor = 0] = (await installedVersion(binary)).split('.').map(Number);
  if (major < MINIMUM.major || (major === MINIMUM.major && minor < MINIMUM.minor)) {
    throw new UserError(`${NEEDED} is needed, but ${binary} is ${major}.${minor}. Install a newer one from ${INSTALL} and try again.`);
  }
}

async function installedVersion(binary: string): Promise<string> {
  try {
    return VERSION.parse(JSON.parse(await runTerraform(['version', '-json']))).terraform_version;
  } catch (cause) {
    if (cause instanceof CommandNotFound) {
      throw new UserError(`${NEEDED} must be on the PATH, but ${binary} was not found. Install it from ${INSTALL} and try again.`, { cause });
    }
    if (!(cause instanceof TerraformError || cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
    throw new UserError(`${NEEDED} must be on the PATH, but ${binary} does not print its version: ${cause.message}`, { cause });
  }
}
