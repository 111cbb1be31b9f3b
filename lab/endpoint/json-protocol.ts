import { ServiceError } from '../account/errors';
import type { RawRequest } from './authenticate';
import type { Protocol } from './protocol';
import { epochSeconds, fromWire, toWire } from './wire-values';

/** Namespaces of error types where clients or people look at them. */
const NAMESPACES: Readonly<Record<string, string>> = {
  sqs: 'com.amazonaws.sqs#',
  dynamodb: 'com.amazonaws.dynamodb.v20120810#',
};

/** Parses a JSON body, an empty one as an empty object. */
export function parseBody(request: RawRequest): Record<string, unknown> {
  const text = request.body.toString();
  try {
    return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not JSON');
  }
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
      body: JSON.stringify({ __type: `${NAMESPACES[service] ?? ''}${error.code}`, message: error.message, Message: error.message }),
    }),
  };
}
