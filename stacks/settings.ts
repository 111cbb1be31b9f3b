import type { Node } from 'constructs';
import { z } from 'zod';

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((arn) => arn.trim())
      .filter(Boolean),
  ),
]);
const arn = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const schema = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not the name of a region')
    .default('eu-west-1'),
  namePrefix: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,19}$/, 'takes 1 to 20 letters, digits and hyphens, a letter first')
    .default('pipeline'),
  requireMfa: flag.default(true),
  maxSessionSeconds: integer(3600, 43200).default(3600),
  deployers: list.pipe(z.array(z.string().regex(arn, 'takes ARNs of IAM roles or users'))).default([]),
  user: z.union([z.literal(''), z.string().regex(/^[\w+=,.@-]{1,64}$/, 'is not a user name')]).default(''),
  visibilityTimeoutSeconds: integer(0, 43200).default(120),
  messageRetentionSeconds: integer(60, 1209600).default(345600),
  deadLetterRetentionSeconds: integer(60, 1209600).default(1209600),
  functionTimeoutSeconds: integer(1, 900).default(15),
  batchSize: integer(1, 10000).default(100),
  batchingWindowSeconds: integer(0, 300).default(1),
  maximumConcurrency: integer(2, 1000).default(5),
  reservedConcurrency: integer(-1, 1000).default(-1),
  logRetentionDays: integer(1, 3653)
    .refine((days) => LOG_RETENTION_DAYS.includes(days), `must be one of ${LOG_RETENTION_DAYS.join(', ')}`)
    .default(30),
  keyDeletionWindowDays: integer(7, 30).default(30),
  deletionProtection: flag.default(true),
  alarmTopicArn: z.union([z.literal(''), z.string().regex(/^arn:aws[a-z-]*:sns:/, 'is not the ARN of an SNS topic')]).default(''),
  stateDirectory: z
    .string()
    .regex(/^[^\0]+$/)
    .default('state'),
  stateBucket: z.union([z.literal(''), z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name')]).default(''),
});

/** Everything that a deployment can choose; the README explains each. */
export type Settings = z.infer<typeof schema>;

/** A setting that cannot be used, said so that its owner knows what to change. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(schema.shape) as (keyof Settings)[];

/** The environment variable that overrides a setting: `namePrefix` → `PIPELINE_NAME_PREFIX`. */
export function environmentVariable(setting: keyof Settings): string {
  return `PIPELINE_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads the settings from the context of cdktf.json and from the environment, which wins.
 *
 * @throws SettingsError naming every setting that cannot be used, and every PIPELINE_ variable that is not one
 */
export function readSettings(context: Pick<Node, 'tryGetContext'>, environment: NodeJS.ProcessEnv = process.env): Settings {
  const variables = new Set(SETTING_NAMES.map(environmentVariable));
  const unknownNames = Object.keys(environment).filter((name) => name.startsWith('PIPELINE_') && !variables.has(name));
  const given: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const value: unknown = environment[environmentVariable(name)] ?? context.tryGetContext(name);
    if (value !== undefined) given[name] = value;
  }
  const result = schema.safeParse(given);
  const problems = [
    ...unknownNames.map((name) => `${name}: there is no such setting`),
    ...(result.error?.issues ?? []).map((issue) => `${String(issue.path[0])} (${environmentVariable(issue.path[0] as keyof Settings)}): ${issue.message}`),
    ...(result.success ? contradictions(result.data) : []),
  ];
  if (problems.length > 0 || !result.success) {
    throw new SettingsError(`Unusable settings (context in cdktf.json, or environment):\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  return result.data;
}

/** Rules between settings. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
function contradictions(settings: Settings): string[] {
  const problems: string[] = [];
  const advised = 6 * settings.functionTimeoutSeconds + settings.batchingWindowSeconds;
  if (settings.visibilityTimeoutSeconds < advised) {
    problems.push(
      `visibilityTimeoutSeconds (PIPELINE_VISIBILITY_TIMEOUT_SECONDS): must be at least ${advised}, six function timeouts plus the batching window`,
    );
  }
  if (settings.batchSize > 10 && settings.batchingWindowSeconds < 1) {
    problems.push('batchingWindowSeconds (PIPELINE_BATCHING_WINDOW_SECONDS): must be at least 1 for batches of more than 10');
  }
  return problems;
}
