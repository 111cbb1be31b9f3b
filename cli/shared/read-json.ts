import { readFileSync } from 'node:fs';
import { UserError } from './user-error';

/** Reads a JSON file that a user named. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`The file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`, 2);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}`, 2);
  }
}
