/**
 * What runs in the child process of a function: loads the handler and calls it for each event that the parent sends.
 * It is compiled on the spot and imports nothing of the lab, so that the function sees only its own package. Parent and
 * child exchange lines of JSON over file descriptor 3; functions have no `process.send`, as on Lambda.
 */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import url from 'node:url';

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  /** Milliseconds of the function's time, and of real time for each of them. */
  readonly timeoutMs: number;
  readonly timeScale: number;
}

type Handler = (event: unknown, context: unknown) => unknown;

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB, and what its error says). */
const MAX_RESPONSE_BYTES = 6_291_556;

// Taken before the handler is loaded, which may replace them.
const { stdout, stderr } = process;
const outputs = [stdout, stderr].map((stream) => stream.write.bind(stream) as (text: string) => boolean);
const parent = new net.Socket({ fd: 3 });
const tell = parent.write.bind(parent) as (line: string) => boolean;
const send = (message: object) => tell(`${JSON.stringify(message)}\n`);
const now = Date.now.bind(Date);
parent.on('error', () => process.exit(1));
parent.on('end', () => process.exit(0));

/** A failure in the words of Lambda's runtime. */
function failed(errorType: string, errorMessage: string, trace: string[] = []) {
  return { errorType, errorMessage, trace };
}

function describe(error: unknown) {
  if (!(error instanceof Error)) return failed('Error', String(error));
  return failed(String(error.name), String(error.message), String(error.stack).split('\n'));
}

/** Source: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js */
async function load(): Promise<Handler | ReturnType<typeof failed>> {
  const name = String(process.env._HANDLER);
  const [, folder = '', file, property] = /^(.*\/)?([^/.]+)\.(.+)$/.exec(name) ?? [];
  if (file === undefined || property === undefined) return failed('Runtime.MalformedHandlerName', 'Bad handler');
  const base = path.join(String(process.env.LAMBDA_TASK_ROOT), folder, file);
  const modulePath = [base, `${base}.js`, `${base}.mjs`, `${base}.cjs`].find((name) => fs.existsSync(name) && fs.statSync(name).isFile());
  if (!modulePath) return failed('Runtime.ImportModuleError', `Error: Cannot find module '${file}'\nRequire stack:\n- /var/runtime/index.mjs`);
  try {
    let value: unknown = await loadModule(modulePath);
    for (const part of property.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
    if (typeof value === 'function') return value as Handler;
    return failed('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  } catch (error) {
    const described = describe(error);
    if (error instanceof SyntaxError) return { ...described, errorType: 'Runtime.UserCodeSyntaxError', errorMessage: String(error) };
    const { code } = error as { code?: unknown };
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      return { ...described, errorType: 'Runtime.ImportModuleError', errorMessage: String(error) };
    }
    return described;
  }
}

async function loadModule(file: string): Promise<unknown> {
  try {
    if (!file.endsWith('.mjs')) return require(file);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_REQUIRE_ESM') throw error;
  }
  return import(url.pathToFileURL(file).href);
}

async function run(handler: Handler, { id, event, context, timeoutMs, timeScale }: Invocation): Promise<void> {
  const endsAt = now() + timeoutMs * timeScale;
  const getRemainingTimeInMillis = () => Math.max(0, Math.floor((endsAt - now()) / timeScale));
  send({ type: 'started', id });
  let answer: object;
  try {
    answer = { type: 'result', id, result: marshal(await handler(event, { ...context, getRemainingTimeInMillis })) };
    if (Buffer.byteLength(JSON.stringify(answer)) > MAX_RESPONSE_BYTES) {
      const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
      answer = { type: 'error', id, error: failed('Function.ResponseSizeTooLarge', message) };
    }
  } catch (error) {
    answer = { type: 'error', id, error: describe(error) };
  }
  // Both outputs up to here belong to this invocation.
  for (const write of outputs) write(`\u0000${id}\n`);
  send(answer);
}

/** The result as JSON gives it back; undefined is null. */
function marshal(result: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(result === undefined ? null : result) ?? 'null');
  } catch {
    throw Object.assign(new Error('Unable to stringify response body'), { name: 'Runtime.MarshalError' });
  }
}

/** What fails here is a fault of the bootstrap: the process ends, and the account reports that. */
const end = () => process.exit(1);

load()
  .then((handler) => {
    if (typeof handler !== 'function') return send({ type: 'init-error', error: handler });
    readline.createInterface({ input: parent }).on('line', (line) => {
      run(handler, JSON.parse(line) as Invocation).catch(end);
    });
    return send({ type: 'ready' });
  })
  .catch(end);
