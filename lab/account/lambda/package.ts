import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { ServiceError } from '../errors';

/**
 * The most that a package may hold unzipped.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_UNZIPPED_BYTES = 262_144_000;
const MAX_ZIPPED_BYTES = 52_428_800;

const invalid = (message: string) => new ServiceError('InvalidParameterValueException', message);

/**
 * Checks a package when it is uploaded, so that it cannot fail in the account later: it can be read, is not too large, and
 * each entry is a file of its own inside the package. A missing handler file is no error of the upload: Lambda reports it
 * at the first invocation.
 *
 * @throws ServiceError in Lambda's words where they are known; those about single entries are the lab's own (unconfirmed)
 */
export function checkPackage(zip: Uint8Array): void {
  if (zip.length > MAX_ZIPPED_BYTES) {
    throw new ServiceError('RequestEntityTooLargeException', `Request must be smaller than ${MAX_ZIPPED_BYTES} bytes for the CreateFunction operation`, 413);
  }
  const names: string[] = [];
  let total = 0;
  try {
    unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        names.push(name);
        total += originalSize;
        return false;
      },
    });
  } catch (error) {
    throw unreadable(error);
  }
  if (names.length === 0) throw invalid('Uploaded file must be a non-empty zip');
  if (total > MAX_UNZIPPED_BYTES) throw invalid(`Unzipped size must be smaller than ${MAX_UNZIPPED_BYTES} bytes`);
  checkNames(names);
  filesOf(zip);
}

function unreadable(cause: unknown): ServiceError {
  const message = 'Could not unzip uploaded file. Please check your file, then try to upload again.';
  return new ServiceError('InvalidParameterValueException', message, 400, undefined, { cause });
}

/** Every entry stays inside the package, and no file is also a folder, or there twice. */
function checkNames(names: readonly string[]): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const name of names) {
    const parts = name.split('/');
    const isFolder = name.endsWith('/');
    if (isFolder) parts.pop();
    if (/[\\\0]/.test(name) || parts.some((part) => part === '' || part === '.' || part === '..')) {
      throw invalid(`The package has an entry that is no path inside of it: ${JSON.stringify(name)}`);
    }
    const whole = parts.join('/');
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
    if (isFolder) folders.add(whole);
    else if (files.has(whole)) throw invalid(`The package has the entry ${JSON.stringify(whole)} twice`);
    else files.add(whole);
  }
  const both = [...files].find((file) => folders.has(file));
  if (both !== undefined) throw invalid(`The package has ${JSON.stringify(both)} as a file and as a folder`);
}

/** The files of a package. fflate never writes more than the size that an entry declares. */
function filesOf(zip: Uint8Array): [name: string, content: Uint8Array][] {
  try {
    return Object.entries(unzipSync(zip)).filter(([name]) => !name.endsWith('/'));
  } catch (error) {
    throw unreadable(error);
  }
}

/** Writes the files of a checked package into a folder. */
export function unpackPackage(zip: Uint8Array, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of filesOf(zip)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
