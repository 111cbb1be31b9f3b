import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseTerraformDocument, type TerraformDocument } from '../../../access/graph/terraform-json';
import { errorCode } from '../../shared/error-code';
import { UserError } from '../../shared/user-error';
import { JsonReader } from './json-reader';

/** What takes longer says how far it is, so often in milliseconds. */
const PROGRESS_MS = 2000;
/** Bytes read at a time. */
const CHUNK = 256 * 1024;
const MEGABYTE = 1e6;

/**
 * Reads a file made by `terraform show -json`, of any size: memory follows what is kept of it, see {@link JsonReader}.
 *
 * @param log gets a line every two seconds
 * @throws UserError when it cannot be read or is not JSON, DeploymentError when it is not of Terraform
 * @example
 * const plan = await readTerraformFile('plan.json', processOutput.log);
 */
export async function readTerraformFile(file: string, log: (line: string) => void): Promise<TerraformDocument> {
  const reader = new JsonReader(file);
  const report = progressOf(file, await sizeOf(file), log);
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream without an encoding gives bytes');
      reader.write(chunk);
      bytes += chunk.length;
      report(bytes);
    }
  } catch (cause) {
    if (errorCode(cause) === undefined) throw cause;
    throw unreadable(file, cause);
  }
  return parseTerraformDocument(reader.end(), file);
}

/** Takes what `terraform show -json` printed. */
export function parseTerraformJson(text: string, source: string): TerraformDocument {
  const reader = new JsonReader(source);
  reader.write(Buffer.from(text));
  return parseTerraformDocument(reader.end(), source);
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new UserError(`The file ${file} cannot be read: it is a folder`);
    return found.size;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw unreadable(file, cause);
  }
}

const unreadable = (file: string, cause: unknown) => new UserError(`The file ${file} cannot be read: ${errorCode(cause) ?? 'unknown reason'}`, { cause });

const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(0);

function progressOf(file: string, total: number, log: (line: string) => void): (bytes: number) => void {
  let last = Date.now();
  return (bytes) => {
    if (Date.now() - last < PROGRESS_MS) return;
    last = Date.now();
    // A pipe has no size.
    log(`  ${megabytes(bytes)}${total > 0 ? ` of ${megabytes(total)}` : ''} MB of ${file} are read`);
  };
}
