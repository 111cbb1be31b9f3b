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

const [file = 'index', name = 'handler'] = String(process.env._HANDLER).split('.');
const loaded = require(`${process.env.LAMBDA_TASK_ROOT}/${file}`) as Readonly<Record<string, unknown>>;
const handler = loaded[name];
if (typeof handler !== 'function') throw new Error(`${process.env._HANDLER} is undefined or not exported`);

process.on('message', (invocation: Invocation) => {
  const context = { ...invocation.context, getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()) };
  Promise.resolve()
    .then(() => (handler as (event: unknown, context: unknown) => unknown)(invocation.event, context))
    .then(
      (result) => process.send?.({ id: invocation.id, result: result === undefined ? null : result }),
      (error: unknown) => {
        const { name: errorType = 'Error', message: errorMessage = String(error), stack = '' } = error as Error;
        process.send?.({ id: invocation.id, error: { errorType, errorMessage, trace: stack.split('\n') } });
      },
    );
});
process.send?.({ ready: true });
