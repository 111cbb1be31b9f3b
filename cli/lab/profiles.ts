import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BOOTSTRAP_USER } from '../../lab/lab';
import { HUMAN_ROLES } from '../../stacks/names';
import { LAB_FOLDER, PROJECT } from '../shared/project';

/**
 * Writes a configuration of the AWS CLI with a profile for every identity of the lab. Profiles hold no secret: they ask the
 * running lab for fresh credentials.
 *
 * @returns the path of the configuration
 */
export function writeProfiles(endpointUrl: string, region: string): string {
  const tsx = path.join(PROJECT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const main = path.join(PROJECT, 'cli', 'lab.ts');
  const quoted = (text: string) => `"${text}"`;
  const profiles = [BOOTSTRAP_USER, 'user', ...HUMAN_ROLES].map((name) =>
    [
      `[profile ${name}]`,
      `region = ${region}`,
      `endpoint_url = ${endpointUrl}`,
      `credential_process = ${[process.execPath, tsx, main].map(quoted).join(' ')} credentials --as ${name}`,
      '',
    ].join('\n'),
  );
  const file = path.join(LAB_FOLDER, 'aws-config');
  mkdirSync(LAB_FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(file, profiles.join('\n'), { mode: 0o600 });
  return file;
}
