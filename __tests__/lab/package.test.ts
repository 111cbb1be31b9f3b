import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { ServiceError } from '../../lab/account/errors';
import { checkPackage, readPackage } from '../../lab/account/lambda/package';

const zip = (files: Record<string, string>, options = {}) =>
  Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, [Buffer.from(text), options] as [Uint8Array, object]]))));

/** Where the central directory begins, whose entries declare sizes at offset 24. */
const centralDirectory = (bytes: Buffer) => bytes.readUInt32LE(bytes.length - 6);

function declaring(bytes: Buffer, size: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32LE(size, centralDirectory(changed) + 24);
  return changed;
}

const renamed = (bytes: Buffer, from: string, to: string) => Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('A package', () => {
  it('is read as it was packed', () => {
    const segment = fc.stringMatching(/^[a-zA-Z0-9_ -]{1,8}$/);
    const files = fc.dictionary(
      fc.array(segment, { minLength: 1, maxLength: 2 }).map((parts) => `${parts.join('/')}.js`),
      fc.uint8Array({ maxLength: 500 }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(files, fc.constantFrom(0 as const, 6 as const), (contents, level) => {
        const bytes = zipSync({ ...contents }, { level });
        const read = Object.fromEntries(readPackage(bytes).map(({ name, content }) => [name, Buffer.from(content())]));
        expect(read).toEqual(Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, Buffer.from(content)])));
      }),
    );
  });

  it('is read or refused, whichever bytes are changed', () => {
    const whole = zip({ 'index.js': 'exports.handler = () => 1;'.repeat(20), 'folder/file.txt': 'text' });
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (positions, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of positions) bytes[at] = value;
        for (const given of [bytes, bytes.subarray(0, length), bytes.subarray(length)]) {
          try {
            checkPackage(given);
          } catch (error) {
            expect(error).toBeInstanceOf(ServiceError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['has no bytes', Buffer.alloc(0), 'Uploaded file must be a non-empty zip'],
    ['has no files', Buffer.from(zipSync({})), 'Uploaded file must be a non-empty zip'],
    ['is no zip', Buffer.from('exports.handler = () => 1;'), 'Could not unzip uploaded file'],
    ['leads out of itself', zip({ '../index.js': '' }), 'leads out of the package'],
    ['leads out of itself further down', zip({ 'a/../../index.js': '' }), 'leads out of the package'],
    ['has an absolute path', zip({ '/tmp/index.js': '' }), 'leads out of the package'],
    ['has a file that is also a folder', zip({ a: '', 'a/b.js': '' }), 'is a file and a folder'],
    ['has two files of one name', renamed(zip({ 'aa.js': '1', 'ab.js': '2' }), 'ab.js', 'aa.js'), 'occurs twice'],
    ['has two names of one file', zip({ 'a/b.js': '1', 'a/./b.js': '2' }), 'occurs twice'],
    ['declares 250 MB', declaring(zip({ 'index.js': 'x' }), 262_144_000), 'Unzipped size must be smaller than 262144000 bytes'],
    ['holds more than it declares', declaring(zip({ 'index.js': 'x'.repeat(100_000) }), 10), 'is not what it declares'],
    ['holds less than it declares', declaring(zip({ 'index.js': 'x' }), 10), 'is not what it declares'],
  ])('that %s is refused', (_, bytes, message) => {
    expect(() => checkPackage(bytes)).toThrow(expect.objectContaining({ code: 'InvalidParameterValueException', message: expect.stringContaining(message) }));
  });

  it('with a symbolic link is refused by name', () => {
    const bytes = zip({ link: '/etc/passwd' }, { os: 3, attrs: 0o120777 * 0x10000 });
    expect(() => checkPackage(bytes)).toThrow('The lab does not model packages with symbolic links: link');
  });

  it('is refused when the request would be too large', () => {
    expect(() => checkPackage(Buffer.alloc(53_000_000))).toThrow(expect.objectContaining({ code: 'RequestEntityTooLargeException' }));
  });
});
