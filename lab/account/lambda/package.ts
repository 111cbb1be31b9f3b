import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { notModelled, ServiceError } from '../errors';

/** A file of a package. */
export interface PackageFile {
  /** Path inside of the package, with slashes. */
  readonly name: string;
  /** Unpacks the file. */
  content(): Buffer;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly size: number;
  readonly isSymbolicLink: boolean;
  readonly data: () => Buffer;
}

/** Source of both limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_UNZIPPED_BYTES = 262_144_000;
const MAX_REQUEST_BYTES = 69_905_067;
const MAX_SEGMENT_BYTES = 255;

const END = 0x06054b50;
const END_BYTES = 22;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const UNIX = 3;

/** Texts of Lambda, as users report them, e.g. https://github.com/boto/boto3/issues/488; what follows is the lab's own. */
const invalid = (message: string) => new ServiceError('InvalidParameterValueException', message);
const unreadable = (why?: string) =>
  invalid(`Could not unzip uploaded file. Please check your file, then try to upload again.${why === undefined ? '' : ` (${why})`}`);

/**
 * Checks a package when it is uploaded, so that it can be unpacked later without surprises: declared and actual sizes,
 * and the names of its entries. That its handler is missing shows only when it runs, as on Lambda.
 *
 * @throws ServiceError InvalidParameterValueException in Lambda's words. That Lambda refuses names that lead out of the
 * package, that exclude one another or occur twice is unconfirmed; the lab does, because it could not unpack them.
 */
export function checkPackage(zip: Uint8Array): void {
  // Source: https://github.com/localstack/localstack/pull/2999 (the request holds the zip in base64)
  if (Math.ceil(zip.length / 3) * 4 > MAX_REQUEST_BYTES) {
    throw new ServiceError('RequestEntityTooLargeException', `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the CreateFunction operation`, 413);
  }
  for (const { content } of readPackage(zip)) content();
}

/**
 * The files of a package.
 *
 * @throws ServiceError as {@link checkPackage}, except for what only unpacking a file shows
 */
export function readPackage(zip: Uint8Array): readonly PackageFile[] {
  if (zip.length === 0) throw invalid('Uploaded file must be a non-empty zip');
  const entries = entriesOf(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength));
  // Before anything is inflated: what the zip declares is what it may take.
  const declared = entries.reduce((sum, { size }) => sum + size, 0);
  if (declared >= MAX_UNZIPPED_BYTES) throw invalid(`Unzipped size must be smaller than ${MAX_UNZIPPED_BYTES} bytes`);
  checkNames(entries);
  const files = entries.filter(({ name }) => !name.endsWith('/'));
  if (files.length === 0) throw invalid('Uploaded file must be a non-empty zip');
  return files.map((entry) => ({ name: path.posix.normalize(entry.name), content: () => inflate(entry) }));
}

function checkNames(entries: readonly Entry[]): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { name, isSymbolicLink } of entries) {
    const segments = name.replace(/\/$/, '').split('/');
    if (isSymbolicLink) throw notModelled(`packages with symbolic links: ${name}`);
    if (name.startsWith('/') || segments.includes('..') || name.includes('\u0000'))
      throw unreadable(`the entry ${JSON.stringify(name)} leads out of the package`);
    if (segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) throw unreadable('an entry has too long a name');
    const normal = path.posix.normalize(name).replace(/\/$/, '');
    const isFolder = name.endsWith('/');
    if (!isFolder && files.has(normal)) throw unreadable(`the entry ${JSON.stringify(name)} occurs twice`);
    (isFolder ? folders : files).add(normal);
    for (let folder = path.posix.dirname(normal); folder !== '.'; folder = path.posix.dirname(folder)) folders.add(folder);
  }
  for (const name of files) if (folders.has(name)) throw unreadable(`the entry ${JSON.stringify(name)} is a file and a folder`);
}

function inflate({ name, method, size, data }: Entry): Buffer {
  try {
    const content = method === STORED ? data() : inflateRawSync(data(), { maxOutputLength: Math.max(1, size) });
    if (content.length === size) return content;
  } catch {
    // Told below.
  }
  throw unreadable(`the entry ${JSON.stringify(name)} is not what it declares`);
}

/** Reads the central directory. Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
function entriesOf(zip: Buffer): Entry[] {
  try {
    const end = endOf(zip);
    const count = zip.readUInt16LE(end + 10);
    let at = zip.readUInt32LE(end + 16);
    if (count === 0xffff || at === 0xffffffff) throw notModelled('packages in the format zip64');
    const entries: Entry[] = [];
    for (let index = 0; index < count; index++) {
      if (zip.readUInt32LE(at) !== CENTRAL) throw unreadable();
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [number, number, number];
      entries.push(entryAt(zip, at, nameLength));
      at += 46 + nameLength + extraLength + commentLength;
    }
    return entries;
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw unreadable();
  }
}

function endOf(zip: Buffer): number {
  for (let at = zip.length - END_BYTES; at >= Math.max(0, zip.length - END_BYTES - 0xffff); at--) {
    if (zip.readUInt32LE(at) === END) return at;
  }
  throw unreadable();
}

function entryAt(zip: Buffer, at: number, nameLength: number): Entry {
  const method = zip.readUInt16LE(at + 10);
  const isEncrypted = (zip.readUInt16LE(at + 8) & 1) === 1;
  if (isEncrypted || (method !== STORED && method !== DEFLATED)) throw unreadable();
  const compressedSize = zip.readUInt32LE(at + 20);
  const local = zip.readUInt32LE(at + 42);
  // The upper half of a Unix entry's attributes is its mode.
  const isSymbolicLink = zip.readUInt8(at + 5) === UNIX && ((zip.readUInt32LE(at + 38) >>> 16) & 0o170000) === 0o120000;
  return {
    name: zip.toString('utf8', at + 46, at + 46 + nameLength),
    method,
    size: zip.readUInt32LE(at + 24),
    isSymbolicLink,
    data: () => {
      if (zip.readUInt32LE(local) !== LOCAL) throw unreadable();
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      return zip.subarray(start, start + compressedSize);
    },
  };
}
