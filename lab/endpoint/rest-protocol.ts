import { ServiceError } from '../account/errors';
import type { RawRequest } from './authenticate';
import { parseBody } from './json-protocol';
import type { Decoded, Protocol } from './protocol';
import { fromWire, toWire } from './wire-values';

/** Method, path and operation of an API; braces name the member that the path carries. */
export type Route = readonly [method: string, path: string, operation: string];

const JSON_TYPE = { 'content-type': 'application/json' };

/**
 * REST JSON, as Lambda and X-Ray speak it: operation and names in method and path.
 * Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function restProtocol(routes: readonly Route[]): Protocol {
  const compiled = routes.map(([method, path, operation]) => ({
    method,
    operation,
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`),
  }));
  return { ...ANSWERS, decode: (service, request) => decode(compiled, service, request) };
}

function decode(routes: readonly { method: string; operation: string; pattern: RegExp }[], service: string, request: RawRequest): Decoded {
  const [path = '', queryText = ''] = request.url.split('?');
  const query = new URLSearchParams(queryText);
  for (const { method, operation, pattern } of routes) {
    const match = method === request.method ? pattern.exec(path) : null;
    if (!match) continue;
    const named = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeSegment(value)]));
    if (operation === 'Invoke') {
      return { operation, input: { ...named, InvocationType: request.headers['x-amz-invocation-type'], Payload: request.body } };
    }
    if (operation === 'UntagResource') return { operation, input: { ...named, TagKeys: query.getAll('tagKeys') } };
    const body = fromWire(service, parseBody(request)) as object;
    return { operation, input: { ...body, ...Object.fromEntries(query), ...named } };
  }
  throw new ServiceError('UnknownOperationException', `The lab does not model ${request.method} ${path} of ${service}`, 404);
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ServiceError('InvalidRequestContentException', 'The path of the request is not percent-encoded text', 400, undefined, { cause });
  }
}

const ANSWERS: Omit<Protocol, 'decode'> = {
  success(operation, output, requestId) {
    const headers = { ...JSON_TYPE, 'x-amzn-requestid': requestId };
    if (operation === 'Invoke') {
      const {
        StatusCode = 200,
        Payload,
        FunctionError,
        ExecutedVersion,
      } = output as { StatusCode?: number; Payload?: Buffer; FunctionError?: string; ExecutedVersion?: string };
      return {
        status: StatusCode,
        headers: {
          ...headers,
          ...(FunctionError ? { 'x-amz-function-error': FunctionError } : {}),
          ...(ExecutedVersion ? { 'x-amz-executed-version': ExecutedVersion } : {}),
        },
        body: Payload ?? '',
      };
    }
    const status = operation.startsWith('Create') ? 201 : /^DeleteFunction(UrlConfig)?$/.test(operation) ? 204 : 200;
    return { status, headers, body: status === 204 ? '' : JSON.stringify(toWire(output ?? {}, (date) => date.getTime() / 1000)) };
  },
  failure: (_service, error, requestId) => ({
    status: error.status,
    headers: { ...JSON_TYPE, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ Type: 'User', Message: error.message, message: error.message }),
  }),
};
