import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { errorCode } from '../shared/error-code';
import { LAB_FOLDER } from '../shared/project';
import { UserError } from '../shared/user-error';
import { type ControlRequest, REQUESTS } from './control-requests';

const LAB_FILE = z.object({ url: z.url(), token: z.string(), pid: z.number().int() });

/** What a running lab leaves for other commands. */
export type LabFile = z.infer<typeof LAB_FILE>;

const FILE = path.join(LAB_FOLDER, 'lab.json');
/** A lab answers its status without waiting for anything; this limit is for a process that is stopped or stuck. */
const STATUS_LIMIT_MS = 60_000;

/** Writes what other commands need, so that only its owner can read it. */
export function writeLabFile(lab: LabFile, file = FILE): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(lab), { mode: 0o600 });
}

/** Removes what a lab wrote, unless another one has written since. */
export function removeLabFile({ token }: LabFile, file = FILE): void {
  if (readLabFile(file)?.token === token) rmSync(file, { force: true });
}

/**
 * The lab that runs in this project, if any. What a killed lab has left is not one: only an answer to the token counts,
 * because another program may have its process id, or its port.
 *
 * @throws UserError when a process holds the lab's port, but does not answer
 */
export async function findLab(file = FILE): Promise<LabFile | undefined> {
  const lab = readLabFile(file);
  if (!lab) return undefined;
  const answer = await send(lab, REQUESTS.status.name, {}, AbortSignal.timeout(STATUS_LIMIT_MS));
  if (answer === 'not listening') return undefined;
  const body: unknown = await answer.json().catch(() => undefined);
  return answer.ok && REQUESTS.status.output.safeParse(body).success ? lab : undefined;
}

/** Refuses to start a second lab in this project. */
export async function requireNoLab(file = FILE): Promise<void> {
  const lab = await findLab(file);
  if (lab) throw new UserError(`A lab already runs in this project (process ${lab.pid}, ${lab.url}). Stop it first: npm run lab -- down`);
}

/**
 * Asks the running lab.
 *
 * @throws UserError when none runs, or it refuses
 * @example const { now } = await ask(REQUESTS.advance, { seconds: 300 });
 */
export async function ask<Input, Output>({ name, output }: ControlRequest<Input, Output>, input: Input, file = FILE): Promise<Output> {
  const lab = await findLab(file);
  const answer = lab ? await send(lab, name, input) : 'not listening';
  if (answer === 'not listening') throw new UserError('No lab is running here. Start one in another terminal: npm run lab -- up');
  const body: unknown = await answer.json();
  if (answer.ok) return output.parse(body);
  const refusal = z.object({ error: z.string() }).safeParse(body);
  throw new UserError(refusal.success ? refusal.data.error : `The lab at ${lab?.url} answered with HTTP status ${answer.status}`);
}

/** A file that is no lab's, or of an older version of this program, names no lab that could be asked. */
function readLabFile(file: string): LabFile | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return LAB_FILE.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

async function send(lab: LabFile, name: string, input: unknown, signal?: AbortSignal): Promise<Response | 'not listening'> {
  try {
    const headers = { authorization: `Bearer ${lab.token}` };
    return await fetch(`${lab.url}/_lab/${name}`, { method: 'POST', headers, body: JSON.stringify(input), signal });
  } catch (cause) {
    if (isConnectionRefused(cause)) return 'not listening';
    const message = `The lab at ${lab.url} does not answer. Stop its process (${lab.pid}) and start a new one: npm run lab -- up`;
    throw new UserError(message, { cause });
  }
}

/** `fetch` wraps the error of the connection. */
function isConnectionRefused(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'cause' in error && errorCode(error.cause) === 'ECONNREFUSED';
}
