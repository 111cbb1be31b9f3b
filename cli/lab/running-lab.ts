import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LAB_FOLDER } from '../shared/project';
import { UserError } from '../shared/user-error';
import type { ControlRequests } from './control';

/** What a running lab leaves for other commands. */
export interface LabFile {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

const FILE = path.join(LAB_FOLDER, 'lab.json');

/** Leaves word of a lab in a file that only its owner can read. */
export function writeLabFile(lab: LabFile): void {
  mkdirSync(LAB_FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(FILE, JSON.stringify(lab), { mode: 0o600 });
}

/** Takes that word back. */
export function removeLabFile(): void {
  rmSync(FILE, { force: true });
}

/** The lab that runs in this project, if any. */
export function findLab(): LabFile | undefined {
  if (!existsSync(FILE)) return undefined;
  const lab = JSON.parse(readFileSync(FILE, 'utf8')) as LabFile;
  try {
    process.kill(lab.pid, 0);
    return lab;
  } catch {
    return undefined;
  }
}

/** Refuses to start a second lab in this project. */
export function requireNoLab(): void {
  const lab = findLab();
  if (lab) throw new UserError(`A lab already runs in this project (process ${lab.pid}, ${lab.url}). Stop it first: npm run lab -- down`);
}

/** Asks the running lab. */
export async function ask<Name extends keyof ControlRequests>(name: Name, input: ControlRequests[Name]['input']): Promise<ControlRequests[Name]['output']> {
  const lab = findLab();
  if (!lab) throw new UserError('No lab is running here. Start one in another terminal: npm run lab -- up');
  const answer = await fetch(`${lab.url}/_lab/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.token}` },
    body: JSON.stringify(input),
  }).catch(() => {
    throw new UserError(`The lab at ${lab.url} does not answer. Stop its process (${lab.pid}) and start a new one: npm run lab -- up`);
  });
  const body = (await answer.json()) as { error?: string };
  if (!answer.ok) throw new UserError(String(body.error));
  return body as ControlRequests[Name]['output'];
}
