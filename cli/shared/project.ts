import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { Names } from '../../stacks/names';
import { readSettings, type Settings } from '../../stacks/settings';

/** The project's root folder. The only place that knows where it is. */
export const PROJECT = path.resolve(__dirname, '../..');
/** Where a running lab leaves what its commands need. */
export const LAB_FOLDER = path.join(PROJECT, '.lab');
/** The user that the stacks deploy in the lab. */
export const LAB_USER = 'pat';
/** The expected matrix of this repository. */
export const EXPECTED_MATRIX = path.join(PROJECT, 'access', 'matrix', 'expected.json');

const CDKTF_JSON = z.object({ context: z.record(z.string(), z.unknown()).default({}) });
const PACKAGE_JSON = z.object({ version: z.string() });

const readProjectFile = (name: string): unknown => JSON.parse(readFileSync(path.join(PROJECT, name), 'utf8'));

/**
 * The settings of the application, as it reads them itself.
 *
 * @throws SettingsError naming every setting that cannot be used
 */
export function projectSettings(): { settings: Settings; names: Names } {
  const { context } = CDKTF_JSON.parse(readProjectFile('cdktf.json'));
  const settings = readSettings({ tryGetContext: (key: string) => context[key] });
  return { settings, names: new Names(settings.namePrefix) };
}

/** The version of the project, from package.json. */
export const projectVersion = (): string => PACKAGE_JSON.parse(readProjectFile('package.json')).version;
