import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPeopleFile } from '../../cli/start/people-file';

const folder = mkdtempSync(path.join(tmpdir(), 'people-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const file = path.join(folder, 'people.txt');
  writeFileSync(file, text);
  return file;
}

describe('a file of people', () => {
  it('is read with any line ends, comments and blank lines left out', () => {
    expect(readPeopleFile(fileOf('\uFEFF# who\r\nDoe, John\r\n\r\n湯川, 秀樹\n'))).toEqual(['Doe, John', '湯川, 秀樹']);
  });

  it('is refused with the numbers of lines that are no people', () => {
    expect(() => readPeopleFile(fileOf('Doe, John\nnobody\n, x\n'))).toThrow('expected "Name, Firstname" in line 2, 3');
  });

  it('is refused when it is missing or names nobody', () => {
    expect(() => readPeopleFile(path.join(folder, 'none.txt'))).toThrow('cannot be read: ENOENT');
    expect(() => readPeopleFile(fileOf('# nobody\n'))).toThrow('names nobody');
  });

  it('in the examples holds a few hundred people, many with letters beyond ASCII', () => {
    const people = readPeopleFile('examples/people.txt');
    expect(people.length).toBeGreaterThan(200);
    expect(new Set(people).size).toBe(people.length);
    expect(people.filter((line) => /[^\p{ASCII}]/u.test(line)).length).toBeGreaterThan(100);
  });
});
