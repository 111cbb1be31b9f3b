import { z } from 'zod';

/** One of the requests that a running lab answers, below `/_lab/`. */
export interface ControlRequest<Input, Output> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
}

const NOTHING = z.strictObject({});
const CREDENTIALS = z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string().optional() });

const ATTACHED = z.object({
  id: z.string(),
  /** The value of TF_REATTACH_PROVIDERS. */
  reattach: z.string(),
  credentials: CREDENTIALS,
  endpointUrl: z.string(),
  region: z.string(),
  stateFolder: z.string(),
});

/** What a command needs to run against the lab, and the id by which it is detached afterwards. */
export type Attached = z.infer<typeof ATTACHED>;

const STATUS = z.object({
  accountId: z.string(),
  /** Account time, ISO 8601. */
  now: z.string(),
  endpointUrl: z.string(),
  plainEndpointUrl: z.string(),
  faults: z.object({
    /** How many there were since the lab started. */
    total: z.number(),
    /** The latest, oldest first. */
    latest: z.array(z.object({ time: z.string(), where: z.string(), message: z.string() })),
  }),
});

/** How a running lab is. */
export type LabStatus = z.infer<typeof STATUS>;

/** All that a running lab can be asked. Both sides parse what they get by these. */
export const REQUESTS = {
  attach: { name: 'attach', input: z.strictObject({ as: z.string(), folders: z.array(z.string()) }), output: ATTACHED },
  detach: { name: 'detach', input: z.strictObject({ id: z.string() }), output: NOTHING },
  credentials: { name: 'credentials', input: z.strictObject({ as: z.string() }), output: CREDENTIALS },
  advance: { name: 'advance', input: z.strictObject({ seconds: z.number().int().min(0) }), output: z.object({ now: z.string() }) },
  status: { name: 'status', input: NOTHING, output: STATUS },
  stop: { name: 'stop', input: NOTHING, output: NOTHING },
} as const;
