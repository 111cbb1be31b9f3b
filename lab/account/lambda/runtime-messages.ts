import { z } from 'zod';

/** How one invocation ended. */
export type Result =
  | { readonly result: unknown }
  | { readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace?: readonly string[] } };

const ERROR = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()).optional() });

/**
 * What the process of a function may say to the account. Function code runs in the same process as the bootstrap and can
 * send whatever it likes: a message of another form is not heard.
 */
const MESSAGE = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ initError: ERROR }),
  z.strictObject({ id: z.string(), result: z.unknown() }),
  z.strictObject({ id: z.string(), error: ERROR }),
]);

/** A message from the process of a function. */
export type RuntimeMessage = z.infer<typeof MESSAGE>;

/** Reads a message; `undefined` for one that the bootstrap does not send. */
export function readRuntimeMessage(message: unknown): RuntimeMessage | undefined {
  const read = MESSAGE.safeParse(message);
  return read.success ? read.data : undefined;
}
