import { personCreatedBy } from '../../proof/creation';
import { readText } from '../shared/read-json';
import { UserError } from '../shared/user-error';

/**
 * Reads the people to send: a line each, `Name, Firstname`; blank lines and lines that begin with # are not read.
 *
 * @throws UserError naming the lines that are not people
 */
export function readPeopleFile(file: string): string[] {
  const lines = readText(file)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const people = lines.filter(({ line }) => line !== '' && !line.startsWith('#'));
  const bad = people.filter(({ line }) => !isPerson(line));
  if (bad.length > 0) {
    const numbers = bad.slice(0, 10).map(({ number }) => number);
    throw new UserError(`${file}: expected "Name, Firstname" in line ${numbers.join(', ')}${bad.length > 10 ? ` and ${bad.length - 10} more` : ''}`, {
      exitCode: 2,
    });
  }
  if (people.length === 0) throw new UserError(`${file} names nobody`, { exitCode: 2 });
  return people.map(({ line }) => line);
}

function isPerson(line: string): boolean {
  try {
    personCreatedBy(line);
    return true;
  } catch {
    return false;
  }
}
