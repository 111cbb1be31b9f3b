import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Names } from '../../stacks/names';
import { readSettings, type Settings } from '../../stacks/settings';

/** The project's root folder. */
export const PROJECT = path.resolve(__dirname, '../..');
/** Where a running lab leaves what its commands need. */
export const LAB_FOLDER = path.join(PROJECT, '.lab');
/** The user that the stacks deploy in the lab. */
export const LAB_USER = 'pat';

/** The settings of the application, as it reads them itself. */
export function projectSettings(): { settings: Settings; names: Names } {
  const { context = {} } = JSON.parse(readFileSync(path.join(PROJECT, 'cdktf.json'), 'utf8')) as { context?: Record<string, unknown> };
  const settings = readSettings({ tryGetContext: (key: string) => context[key] as unknown });
  return { settings, names: new Names(settings.namePrefix) };
}
