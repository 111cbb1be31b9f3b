import { z } from 'zod';
import { ServiceError } from '../account/errors';
import type { RawRequest } from './authenticate';
import type { Protocol } from './protocol';
import { epochSeconds, fromWire, toWire } from './wire-values';

/** Namespaces of error types where clients or people look at them. */
const NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['sqs', 'com.amazonaws.sqs#'],
  ['dynamodb', 'com.amazonaws.dynamodb.v20120810#'],
]);

/** No operation of AWS takes input that is nested as deeply; DynamoDB, which takes the deepest, takes 32 levels. */
const MAX_DEPTH = 200;

const SHAPE = z.record(z.string(), z.unknown());

/**
 * Parses a JSON body, an empty one as an empty object.
 *
 * @throws ServiceError when it is not a JSON object, or nested too deeply
 */
export function parseBody(request: RawRequest): Record<string, unknown> {
  const text = request.body.toString();
  if (text === '') return {};
  if (depthOf(text) > MAX_DEPTH) throw new ServiceError('SerializationException', `The request body is nested more than ${MAX_DEPTH} levels deep`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new ServiceError('SerializationException', 'The request body is not JSON', 400, undefined, { cause });
  }
  const read = SHAPE.safeParse(body);
  if (!read.success) throw new ServiceError('SerializationException', 'The request body is not a JSON object');
  return read.data;
}

/** How deeply a JSON text nests; brackets in strings do not count. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/**
 * AWS JSON 1.0 and 1.1: the operation in X-Amz-Target, input and output in JSON bodies.
 * Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function jsonProtocol(version: '1.0' | '1.1'): Protocol {
  const type = { 'content-type': `application/x-amz-json-${version}` };
  return {
    decode(service, request) {
      const operation = String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1);
      if (!operation) throw new ServiceError('UnknownOperationException', 'The request names no operation in X-Amz-Target', 404);
      return { operation, input: fromWire(service, parseBody(request)) };
    },
    success: (_operation, output, requestId) => ({
      status: 200,
      headers: { ...type, 'x-amzn-requestid': requestId },
      body: JSON.stringify(toWire(output ?? {}, epochSeconds)),
    }),
    failure: (service, error, requestId) => ({
      status: error.status,
      headers: { ...type, 'x-amzn-requestid': requestId, ...(service === 'sqs' ? { 'x-amzn-query-error': `${error.queryCode};Sender` } : {}) },
      body: JSON.stringify({ __type: `${NAMESPACES.get(service) ?? ''}${error.code}`, message: error.message, Message: error.message }),
    }),
  };
}
