import { z } from 'zod';

const failure = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()).optional() });

/** What the process of a function tells, a line of JSON each. It is the function's process: anything may arrive. */
const childMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('init-error'), error: failure }),
  z.object({ type: z.literal('started'), id: z.string() }),
  z.object({ type: z.literal('result'), id: z.string(), result: z.unknown() }),
  z.object({ type: z.literal('error'), id: z.string(), error: failure }),
]);

export type ChildMessage = z.infer<typeof childMessage>;

/** Parses a line; undefined when it is no message. */
export function parseMessage(line: string): ChildMessage | undefined {
  try {
    const parsed = childMessage.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
