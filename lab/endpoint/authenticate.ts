import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Account } from '../account/account';
import type { Caller } from '../account/caller';
import { ServiceError } from '../account/errors';
import type { KnownCredentials } from '../account/sts/sts';

/** A request as it arrived. */
export interface RawRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Who signed a request, and for which service. */
export interface Authenticated {
  readonly caller: Caller;
  readonly service: string;
}

const AUTHORIZATION = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60 * 1000;
/** Services without a region of their own: their scope may name us-east-1. */
const GLOBAL = ['iam', 'sts'];

/**
 * Verifies Signature Version 4 against the account's own credentials. Clients sign with the wall clock, so its age is
 * measured with that; expiry of sessions follows the account's clock.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @throws ServiceError with AWS's message
 */
export async function authenticate(account: Account, request: RawRequest): Promise<Authenticated> {
  const header = request.headers.authorization;
  const unsigned = header ? undefined : unsignedService(request);
  if (unsigned) return { caller: ANONYMOUS, service: unsigned };
  if (!header) throw refused('MissingAuthenticationTokenException', 'Request is missing Authentication Token', 'MissingAuthenticationToken');
  const [, keyId = '', day = '', region = '', service = '', signed = '', signature = ''] = AUTHORIZATION.exec(header) ?? [];
  if (!signature) throw refused('IncompleteSignatureException', 'The Authorization header is not a Signature Version 4', 'IncompleteSignature');
  const known = findKey(account, keyId);
  if (!known) throw refused('UnrecognizedClientException', 'The security token included in the request is invalid.', 'InvalidClientTokenId');
  const time = signingTime(request.headers, day);
  if (known.token !== undefined && headerText(request.headers['x-amz-security-token']) !== known.token) {
    throw refused('UnrecognizedClientException', 'The security token included in the request is invalid', 'InvalidClientTokenId');
  }
  if (known.expiresAt !== undefined && known.expiresAt <= account.clock.now()) {
    throw refused('ExpiredTokenException', 'The security token included in the request is expired', 'ExpiredToken');
  }
  if (region !== account.region && !(GLOBAL.includes(service) && region === 'us-east-1')) {
    throw refused(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not '${region}': the lab's account is in ${account.region}. `,
      'SignatureDoesNotMatch',
    );
  }
  const expected = await sign(request, { keyId, secret: known.secret, token: known.token, region, service, signed: signed.split(';'), time });
  if (!timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(signature, 'hex'))) {
    throw refused(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      'SignatureDoesNotMatch',
    );
  }
  return { caller: known.caller, service };
}

/** A caller that does not sign. */
const ANONYMOUS: Caller = { principal: { kind: 'anonymous', arn: '*', principalArn: '*' }, userId: 'anonymous', accountId: '', temporary: false, tags: {} };

/** The service that an unsigned request is for, if that one takes such requests: queue policies may let everybody in. */
export function unsignedService(request: RawRequest): string | undefined {
  return !request.headers.authorization && String(request.headers['x-amz-target'] ?? '').startsWith('AmazonSQS.') ? 'sqs' : undefined;
}

/** Keys of all accounts that know one another: whose it is tells from where its holder comes. */
function findKey({ accounts }: Account, keyId: string): KnownCredentials | undefined {
  for (const { sts } of accounts.values()) {
    const known = sts.find(keyId);
    if (known) return known;
  }
  return undefined;
}

const refused = (code: string, message: string, queryCode: string) => new ServiceError(code, message, 403, queryCode);
const headerText = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(',') : value);

function signingTime(headers: IncomingHttpHeaders, day: string): Date {
  const stamp = headerText(headers['x-amz-date']) ?? '';
  const [, date, hour, minute, second] = /^(\d{8})T(\d{2})(\d{2})(\d{2})Z$/.exec(stamp) ?? [];
  if (!date || date !== day)
    throw refused('IncompleteSignatureException', 'The date of the signature is missing or does not match its scope', 'IncompleteSignature');
  const time = new Date(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${hour}:${minute}:${second}Z`);
  if (Math.abs(Date.now() - time.getTime()) > MAX_SKEW_MS)
    throw refused('InvalidSignatureException', `Signature expired or not yet current: ${stamp}`, 'SignatureDoesNotMatch');
  return time;
}

interface Signing {
  readonly keyId: string;
  readonly secret: string;
  readonly token?: string;
  readonly region: string;
  readonly service: string;
  readonly signed: readonly string[];
  readonly time: Date;
}

/** The signature that the holder of the secret would make. */
async function sign(request: RawRequest, signing: Signing): Promise<string> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: signing.keyId, secretAccessKey: signing.secret, sessionToken: signing.token },
    region: signing.region,
    service: signing.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const [path = '/', query = ''] = request.url.split('?');
  const headers = Object.fromEntries(signing.signed.map((name) => [name, headerText(request.headers[name]) ?? '']));
  const again = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: String(request.headers.host),
      path,
      query: toQuery(query),
      headers,
      body: request.body,
    },
    { signingDate: signing.time, signableHeaders: new Set(signing.signed) },
  );
  return /Signature=([0-9a-f]{64})/.exec(String(again.headers.authorization))?.[1] ?? '0'.repeat(64);
}

function toQuery(text: string): Record<string, string | string[]> {
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) query[name] = [...(query[name] ?? []), value];
  return query;
}
