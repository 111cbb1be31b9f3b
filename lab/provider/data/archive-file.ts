import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { FileError } from '../files';
import { type DataSource, text } from '../resource-type';
import type { Values } from '../values';

/** Entries carry no time of their own, so that the archive of the same files is the same: the earliest that zip has. */
const NO_TIME = new Date(1980, 0, 1);
/** "Made by UNIX", which is how a zip entry carries permissions. */
const UNIX = 3;

/** archive_file: builds a zip archive at every read. */
export const archiveFile: DataSource = {
  supportedPaths: ['type', 'source_file', 'source_dir', 'output_path', 'output_file_mode'],
  async read(config, { files }) {
    if (config.type !== 'zip') throw new FileError(`The lab does not model archives of type ${String(config.type)}`);
    const given = optional(config, 'source_dir') ?? optional(config, 'source_file');
    if (!given) throw new FileError('archive_file needs source_dir or source_file');
    const { file: source, folder } = files.find(given);
    const names = files.isFolder(source) ? walk(source) : [path.basename(source)];
    const root = files.isFolder(source) ? source : path.dirname(source);
    if (names.length === 0) throw new FileError(`archive has not been created as it would be empty: ${source}`);
    const mode = optional(config, 'output_file_mode');
    const entries: Zippable = {};
    for (const name of names) {
      const permissions = mode === undefined ? statSync(path.join(root, name)).mode & 0o777 : Number.parseInt(mode, 8);
      entries[name] = [readFileSync(path.join(root, name)), { mtime: NO_TIME, os: UNIX, attrs: (0o100000 | permissions) << 16, level: 9 }];
    }
    const zip = zipSync(entries);
    const output = path.resolve(folder, text(config, 'output_path'));
    mkdirSync(path.dirname(output), { recursive: true });
    writeFileSync(output, zip);
    const hash = (algorithm: string, encoding: 'hex' | 'base64') => createHash(algorithm).update(zip).digest(encoding);
    return {
      ...config,
      id: hash('sha1', 'hex'),
      output_base64sha256: hash('sha256', 'base64'),
      output_base64sha512: hash('sha512', 'base64'),
      output_md5: hash('md5', 'hex'),
      output_sha: hash('sha1', 'hex'),
      output_sha256: hash('sha256', 'hex'),
      output_sha512: hash('sha512', 'hex'),
      output_size: zip.length,
    };
  },
};

const optional = (config: Values, name: string) => (config[name] ? String(config[name]) : undefined);

/** All files below a folder, in lexical order, with forward slashes. */
function walk(folder: string, prefix = ''): string[] {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (statSync(path.join(folder, prefix, entry.name)).isDirectory() ? walk(folder, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]));
}
