import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import dynalite from 'dynalite';
import { ServiceError } from '../errors';

/** A JSON object as DynamoDB's protocol carries it. */
export type Json = Readonly<Record<string, unknown>>;

/** Dynalite's answer headers are not needed, its body is. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Tables and their items, kept by dynalite in this process; it never listens on a port. */
export class ItemStore {
  private server: Server | undefined;

  constructor(private readonly region: string) {}

  /**
   * Passes one request to dynalite.
   *
   * @throws ServiceError as dynalite answers
   */
  async perform(operation: string, input: Json): Promise<Json> {
    const { status, body } = await this.request(operation, JSON.stringify(input));
    const answer = (body ? JSON.parse(body) : {}) as Json;
    if (status < 400) return answer;
    const code = String(answer.__type).split('#').at(-1) ?? 'InternalServerError';
    throw new ServiceError(code, String(answer.message ?? answer.Message ?? ''), status);
  }

  private request(operation: string, body: string): Promise<Answer> {
    this.server ??= dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    const request = Object.assign(new EventEmitter(), {
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20260101T000000Z',
        // Authentication happened before; dynalite only wants to see that there is a header.
        authorization: `AWS4-HMAC-SHA256 Credential=lab/20260101/${this.region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      },
    });
    return new Promise((resolve) => {
      const response = {
        statusCode: 200,
        setHeader() {},
        end(text: string) {
          resolve({ status: response.statusCode, body: text });
        },
      };
      this.server?.emit('request', request, response);
      request.emit('data', Buffer.from(body));
      request.emit('end');
    });
  }
}
