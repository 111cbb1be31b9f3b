import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Node with tsx, and a script of this project. */
export const commandOf = (script: string): [string, ...string[]] => [process.execPath, path.resolve('node_modules/tsx/dist/cli.mjs'), path.resolve(script)];

/** Runs one of the three programs to its end. */
export function runProgram(name: 'access' | 'lab' | 'start', args: readonly string[], { cwd, env = {} }: RunOptions = {}): SpawnSyncReturns<string> {
  const [program, ...script] = commandOf(`cli/${name}.ts`);
  return spawnSync(program, [...script, ...args], { encoding: 'utf8', cwd, env: { ...process.env, ...env }, maxBuffer: 1e9 });
}

/** A folder with Node and the given shell scripts, and a PATH that finds nothing else but those of /bin. */
export function folderWith(scripts: Readonly<Record<string, string>>): { folder: string; PATH: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'path-'));
  symlinkSync(process.execPath, path.join(folder, 'node'));
  for (const [name, body] of Object.entries(scripts)) writeFileSync(path.join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return { folder, PATH: `${folder}:/bin` };
}
