import { XMLBuilder } from 'fast-xml-parser';
import { ServiceError } from '../account/errors';
import type { Protocol } from './protocol';
import { toWire } from './wire-values';

const NUMBERS = new Set(['DurationSeconds', 'MaxSessionDuration', 'MaxItems']);
const BOOLEANS = new Set(['SetAsDefault', 'OnlyAttached']);

const builder = new XMLBuilder({ suppressEmptyNode: true, processEntities: true });

/**
 * AWS Query: the operation and its input in a form, output in XML.
 * Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export const queryProtocol: Protocol = {
  decode(_service, request) {
    const form = new URLSearchParams(request.body.toString());
    const operation = form.get('Action');
    if (!operation) throw new ServiceError('MissingAction', 'The request names no Action');
    form.delete('Action');
    form.delete('Version');
    return { operation, input: unflatten(form) };
  },
  success(operation, output, requestId) {
    const result = members(toWire(output ?? {}, (date) => date.toISOString()));
    return xml(200, requestId, { [`${operation}Response`]: { [`${operation}Result`]: result, ResponseMetadata: { RequestId: requestId } } });
  },
  failure: (_service, error, requestId) =>
    xml(error.status, requestId, { ErrorResponse: { Error: { Type: 'Sender', Code: error.queryCode, Message: error.message }, RequestId: requestId } }),
};

function xml(status: number, requestId: string, document: object) {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body: String(builder.build(document)) };
}

/** No operation nests its input as deeply. */
const MAX_DEPTH = 100;

interface Node {
  [name: string]: Node | string;
}

/** `Tags.member.1.Key=a` becomes `{ Tags: [{ Key: 'a' }] }`. */
function unflatten(form: URLSearchParams): unknown {
  const root = Object.create(null) as Node;
  for (const [path, value] of form) {
    const names = path.split('.');
    if (names.length > MAX_DEPTH) throw new ServiceError('MalformedInput', `A parameter is nested more than ${MAX_DEPTH} levels deep`);
    const last = names.pop() ?? '';
    let at = root;
    for (const name of names) {
      const next = Object.hasOwn(at, name) ? at[name] : undefined;
      if (typeof next === 'object') at = next;
      else {
        const made = Object.create(null) as Node;
        at[name] = made;
        at = made;
      }
    }
    at[last] = value;
  }
  return lists('', root);
}

function lists(name: string, value: Node | string): unknown {
  if (typeof value === 'string') return NUMBERS.has(name) ? Number(value) : BOOLEANS.has(name) ? value === 'true' : value;
  const { member } = value;
  if (typeof member === 'object') {
    return Object.entries(member)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, member]) => lists('', member));
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, lists(key, member)]));
}

/** Lists are wrapped in `member` elements. */
function members(value: unknown): unknown {
  if (Array.isArray(value)) return { member: value.map(members) };
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, members(member)]));
}
