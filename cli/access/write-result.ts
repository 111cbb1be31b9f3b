import { writeFileSync } from 'node:fs';
import { errorCode } from '../shared/error-code';
import { UserError } from '../shared/user-error';

/**
 * Writes a result to a file that a user named.
 *
 * @throws UserError when it cannot be written
 */
export function writeResult(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new UserError(`The file ${file} cannot be written: ${errorCode(cause) ?? 'unknown reason'}`, { cause });
  }
}
