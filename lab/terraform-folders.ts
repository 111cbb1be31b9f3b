import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const cdktfConfig = z.object({ output: z.string().optional() });

/**
 * The folders in which Terraform may run when a command starts in these: they themselves, and the stacks of a CDKTF
 * application, or of its output, there.
 *
 * @param starts absolute paths
 * @throws SyntaxError or ZodError when a `cdktf.json` there cannot be read
 */
export function terraformFolders(starts: readonly string[]): string[] {
  return starts.flatMap((start) => [start, ...stackFolders(start), ...stackFolders(path.join(start, outputFolder(start)))]);
}

function stackFolders(output: string): string[] {
  const stacks = path.join(output, 'stacks');
  if (!existsSync(stacks)) return [];
  return readdirSync(stacks, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(stacks, entry.name));
}

function outputFolder(start: string): string {
  const file = path.join(start, 'cdktf.json');
  if (!existsSync(file)) return 'cdktf.out';
  return cdktfConfig.parse(JSON.parse(readFileSync(file, 'utf8'))).output ?? 'cdktf.out';
}
