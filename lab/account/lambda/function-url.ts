import { randomBytes } from 'node:crypto';
import type { FunctionUrlConfig } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { notModelled, ServiceError } from '../errors';

/** The URL of a function as the account keeps it. */
export interface FunctionUrl extends UrlSettings {
  readonly url: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

type UrlSettings = z.output<typeof SETTINGS>;

const headers = z.array(z.string().max(1024)).max(100);

/** Source: https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html */
const CORS = z.strictObject({
  AllowCredentials: z.boolean().optional(),
  AllowHeaders: headers.optional(),
  AllowMethods: z.array(z.string().max(6)).max(6).optional(),
  AllowOrigins: z.array(z.string().min(1).max(253)).max(100).optional(),
  ExposeHeaders: headers.optional(),
  MaxAge: z.int().min(0).max(86_400).optional(),
});

/** Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html */
const SETTINGS = z.object({
  AuthType: z.enum(['NONE', 'AWS_IAM']),
  Cors: CORS.optional(),
  InvokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']).default('BUFFERED'),
});

/** A request about the URL of a function. */
export interface UrlRequest {
  readonly FunctionName: string | undefined;
  readonly Qualifier?: string | undefined;
}

/**
 * The URL of a function as a request sets it; what it does not say stays as it was.
 *
 * @throws ServiceError for a setting that Lambda does not know
 */
export function functionUrl(input: UrlRequest, region: string, now: Date, before?: FunctionUrl): FunctionUrl {
  const read = SETTINGS.safeParse({ ...before, ...input });
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new ServiceError('InvalidParameterValueException', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  // Source of the form: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
  const url = before?.url ?? `https://${randomBytes(16).toString('hex')}.lambda-url.${region}.on.aws/`;
  return { ...read.data, url, createdAt: before?.createdAt ?? now, modifiedAt: now };
}

/** A function has one URL of its own; each of its aliases, which the lab does not model, would have another. */
export function refuseQualifier({ Qualifier: alias }: UrlRequest): void {
  if (alias !== undefined) throw notModelled('aliases of functions');
}

/** The URL of a function as Lambda describes it. */
export function describeUrl({ url, createdAt, modifiedAt, ...settings }: FunctionUrl, functionArn: string): FunctionUrlConfig {
  return {
    FunctionUrl: url,
    FunctionArn: functionArn,
    ...settings,
    CreationTime: createdAt.toISOString(),
    LastModifiedTime: modifiedAt.toISOString(),
  };
}
