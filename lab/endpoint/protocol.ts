import type { ServiceError } from '../account/errors';
import type { RawRequest } from './authenticate';

/** A request as a protocol understands it. */
export interface Decoded {
  readonly operation: string;
  readonly input: unknown;
}

/** What goes back over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One of AWS's wire protocols. */
export interface Protocol {
  /** @throws ServiceError when the request names no operation, or is not in the protocol's form */
  decode(service: string, request: RawRequest): Decoded;
  success(operation: string, output: unknown, requestId: string): Answer;
  failure(service: string, error: ServiceError, requestId: string): Answer;
}
