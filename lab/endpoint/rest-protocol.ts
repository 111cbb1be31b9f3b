import { ServiceError } from '../account/errors';
import { parseBody } from './json-protocol';
import type { Protocol } from './protocol';
import { fromWire, toWire } from './wire-values';

/** Method, path and operation of Lambda's API; braces name the member that the path carries. */
const ROUTES: readonly (readonly [method: string, path: string, operation: string])[] = [
  ['POST', '/2015-03-31/functions', 'CreateFunction'],
  ['GET', '/2015-03-31/functions/{FunctionName}', 'GetFunction'],
  ['DELETE', '/2015-03-31/functions/{FunctionName}', 'DeleteFunction'],
  ['PUT', '/2015-03-31/functions/{FunctionName}/code', 'UpdateFunctionCode'],
  ['GET', '/2015-03-31/functions/{FunctionName}/configuration', 'GetFunctionConfiguration'],
  ['PUT', '/2015-03-31/functions/{FunctionName}/configuration', 'UpdateFunctionConfiguration'],
  ['POST', '/2015-03-31/functions/{FunctionName}/invocations', 'Invoke'],
  ['GET', '/2015-03-31/functions/{FunctionName}/versions', 'ListVersionsByFunction'],
  ['GET', '/2015-03-31/event-source-mappings', 'ListEventSourceMappings'],
  ['POST', '/2015-03-31/event-source-mappings', 'CreateEventSourceMapping'],
  ['GET', '/2015-03-31/event-source-mappings/{UUID}', 'GetEventSourceMapping'],
  ['PUT', '/2015-03-31/event-source-mappings/{UUID}', 'UpdateEventSourceMapping'],
  ['DELETE', '/2015-03-31/event-source-mappings/{UUID}', 'DeleteEventSourceMapping'],
];

const COMPILED = ROUTES.map(([method, path, operation]) => ({
  method,
  operation,
  pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`),
}));

const JSON_TYPE = { 'content-type': 'application/json' };

/**
 * REST JSON, as Lambda speaks it: operation and names in method and path.
 * Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export const restProtocol: Protocol = {
  decode(service, request) {
    const [path = '', query = ''] = request.url.split('?');
    for (const { method, operation, pattern } of COMPILED) {
      const match = method === request.method ? pattern.exec(path) : null;
      if (!match) continue;
      const named = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
      if (operation === 'Invoke') {
        return { operation, input: { ...named, InvocationType: request.headers['x-amz-invocation-type'], Payload: request.body } };
      }
      const body = fromWire(service, parseBody(request)) as object;
      return { operation, input: { ...body, ...Object.fromEntries(new URLSearchParams(query)), ...named } };
    }
    throw new ServiceError('UnknownOperationException', `The lab does not model ${request.method} ${path} of ${service}`, 404);
  },
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
    const status = operation.startsWith('Create') ? 201 : operation === 'DeleteFunction' ? 204 : 200;
    return { status, headers, body: status === 204 ? '' : JSON.stringify(toWire(output ?? {}, (date) => date.getTime() / 1000)) };
  },
  failure: (_service, error, requestId) => ({
    status: error.status,
    headers: { ...JSON_TYPE, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ Type: 'User', Message: error.message, message: error.message }),
  }),
};
