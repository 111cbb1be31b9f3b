import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { ProjectError } from '../../evaluator';

/** A relative path that leads nowhere, or to more than one file. */
export class FileError extends ProjectError {}

/**
 * Finds files that a configuration names by relative paths. Terraform resolves them in its working directory, which an
 * attached provider does not share: the candidates are the folders in which the attached run can be, and a path that fits
 * more than one of them is refused.
 */
export class Files {
  /** @param folders absolute paths of the folders in which Terraform may run */
  constructor(private readonly folders: () => readonly string[]) {}

  /**
   * The absolute path of an existing file or folder, and the folder that a relative one was found in.
   *
   * @throws FileError when there is none, or more than one
   */
  find(given: string): { readonly file: string; readonly folder: string } {
    if (path.isAbsolute(given)) {
      if (!existsSync(given)) throw new FileError(`${given} does not exist`);
      return { file: given, folder: '/' };
    }
    const folders = this.folders();
    const existing = folders.map((folder) => ({ folder, file: path.resolve(folder, given) })).filter(({ file }) => existsSync(file));
    const distinct = new Set(existing.map(({ file }) => realpathSync(file)));
    const [first] = existing;
    if (!first) throw new FileError(`${given} does not exist in any folder of this run: ${folders.join(', ')}`);
    if (distinct.size > 1) {
      throw new FileError(
        `${given} exists in more than one folder of this run: ${[...distinct].join(', ')}. An attached provider cannot tell which one is meant; use an absolute path.`,
      );
    }
    return first;
  }

  isFolder(file: string): boolean {
    return statSync(file).isDirectory();
  }
}
