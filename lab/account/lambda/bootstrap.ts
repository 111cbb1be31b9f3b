/**
 * What runs in the child process of a function: loads the handler and calls it for each event that the parent sends.
 * It is compiled on the spot and imports nothing, so that the function sees only its own package.
 */
interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly deadline: number;
}

type Handler = (event: unknown, context: unknown) => unknown;

/** Function code may replace `process.send`; the bootstrap keeps the real one. */
const send = process.send?.bind(process);

function describe(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  const isError = error instanceof Error || (typeof error === 'object' && error !== null);
  const { name, message, stack } = (isError ? error : {}) as Partial<Error>;
  return { errorType: String(name ?? 'Error'), errorMessage: String(message ?? error), trace: String(stack ?? '').split('\n') };
}

/** Source of the error types: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function load(): Handler {
  const reference = String(process.env._HANDLER);
  const [file = 'index', name = 'handler'] = reference.split(/\.(?=[^./]*$)/);
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = require(`${process.env.LAMBDA_TASK_ROOT}/${file}`) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    throw Object.assign(new Error(missing ? `Cannot find module '${file}'` : describe(error).errorMessage), {
      name: missing ? 'Runtime.ImportModuleError' : describe(error).errorType,
    });
  }
  const handler = loaded[name];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${reference} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  return handler as Handler;
}

async function run(handler: Handler, { id, event, context, deadline }: Invocation): Promise<void> {
  try {
    const result = await handler(event, { ...context, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) });
    // What JSON cannot hold is an error of the function, as in Lambda.
    send?.({ id, result: JSON.parse(JSON.stringify(result ?? null)) as unknown });
  } catch (error) {
    send?.({ id, error: describe(error) });
  }
}

function start(): void {
  let handler: Handler;
  try {
    handler = load();
  } catch (error) {
    send?.({ initError: describe(error) }, () => process.exit(1));
    return;
  }
  process.on('message', (invocation: Invocation) => {
    run(handler, invocation).catch(() => process.exit(1));
  });
  send?.({ ready: true });
}

start();
