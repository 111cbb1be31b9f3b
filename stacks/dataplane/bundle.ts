import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = path.resolve(__dirname, '../..');

/**
 * Bundles a function of `functions/` with everything it imports into one file. The same source gives the same bytes.
 *
 * @returns the folder that holds the bundle, `index.js`
 */
export function bundleFunction(name: string): string {
  const folder = path.join(ROOT, '.build', name);
  mkdirSync(folder, { recursive: true });
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: path.join(folder, 'index.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'error',
  });
  return folder;
}
