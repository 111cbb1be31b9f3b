import { readFileSync } from 'node:fs';
import { errorCode } from './error-code';
import { UserError } from './user-error';

/**
 * The text of a file that a user named.
 *
 * @throws UserError with exit code 2 when it cannot be read
 */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UserError(`The file ${file} cannot be read: ${errorCode(cause) ?? 'unknown reason'}`, { exitCode: 2, cause });
  }
}

/**
 * The content of a JSON file that a user named.
 *
 * @throws UserError with exit code 2 when it cannot be read, or is not JSON
 */
export function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { exitCode: 2, cause });
  }
}
