import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account } from '../account/account';
import { via } from '../account/caller';
import { notModelled, ServiceError } from '../account/errors';
import type { Operation } from '../account/operation';
import { authenticate, type RawRequest, unsignedService } from './authenticate';
import { jsonProtocol } from './json-protocol';
import type { Answer, Protocol } from './protocol';
import { queryProtocol } from './query-protocol';
import { resourceAccount } from './resource-account';
import { restProtocol } from './rest-protocol';
import { LAMBDA_ROUTES, XRAY_ROUTES } from './rest-routes';

/** The protocol that each service speaks, by the name that signatures give it. */
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map(
  Object.entries({
    sqs: jsonProtocol('1.0'),
    dynamodb: jsonProtocol('1.0'),
    kms: jsonProtocol('1.1'),
    logs: jsonProtocol('1.1'),
    cloudtrail: jsonProtocol('1.1'),
    iam: queryProtocol,
    sts: queryProtocol,
    monitoring: jsonProtocol('1.0'),
    lambda: restProtocol(LAMBDA_ROUTES),
    xray: restProtocol(XRAY_ROUTES),
  }),
);

/** Services that signatures call by another name. */
const SIGNED_AS: ReadonlyMap<string, string> = new Map([['monitoring', 'cloudwatch']]);

/** Set to `true` on a request that shall be authorized, but not done; the answer is then DryRunOperation. */
export const DRY_RUN_HEADER = 'x-lab-dry-run';

const MAX_BODY_BYTES = 100 * 1024 * 1024;

/** What an endpoint is made with. */
export interface EndpointOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  /**
   * Whether callers count as using TLS (`aws:SecureTransport`). The lab speaks plain HTTP on loopback; its main endpoint stands
   * for the TLS endpoint of AWS, a second one for a caller without TLS.
   */
  readonly secureTransport?: boolean;
  /** Gets requests below `/_lab/`, which control the lab itself. */
  readonly control?: (request: RawRequest) => Promise<Answer>;
}

/** The account's HTTP endpoint: speaks the AWS wire protocols, so that every SDK and the AWS CLI work with it. */
export class Endpoint {
  private readonly server: Server;

  private constructor(
    private readonly account: Account,
    private readonly options: EndpointOptions,
  ) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => this.fail(request, response, error));
    });
    // SDK clients keep connections open for longer than Node's default of five seconds.
    this.server.keepAliveTimeout = 60_000;
  }

  /** Starts listening on loopback. The one for TLS becomes the account's endpoint. */
  static async start(account: Account, options: EndpointOptions = {}): Promise<Endpoint> {
    const endpoint = new Endpoint(account, options);
    await new Promise<void>((resolve, reject) => {
      endpoint.server.once('error', reject);
      endpoint.server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    if (options.secureTransport ?? true) account.endpointUrl = endpoint.url;
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.answer(request);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  /** A request that cannot even be answered in its protocol ends alone. */
  private fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    // That a client goes away in the middle of its request is no fault of the account.
    if (!(error instanceof ServiceError) && error !== request.errored) this.account.faults.record('a request', error);
    if (!response.headersSent) response.writeHead(error instanceof ServiceError ? error.status : 500);
    response.end();
  }

  private async answer(incoming: IncomingMessage): Promise<Answer> {
    const request: RawRequest = { method: incoming.method ?? 'GET', url: incoming.url ?? '/', headers: incoming.headers, body: await readBody(incoming) };
    if (request.url.startsWith('/_lab/') && this.options.control) return this.options.control(request);
    const requestId = randomUUID();
    // Until the signature is read, its scope alone tells in which protocol to answer; without one, the form of the request.
    const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? unsignedService(request) ?? '';
    const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    const protocol = PROTOCOLS.get(scope) ?? (isForm ? queryProtocol : jsonProtocol('1.1'));
    try {
      const { caller, service: signedAs } = await authenticate(this.account, request);
      if (!PROTOCOLS.has(signedAs)) throw notModelled(`the service ${signedAs}`);
      const service = SIGNED_AS.get(signedAs) ?? signedAs;
      const { operation: name, input } = protocol.decode(service, request);
      const account = resourceAccount(this.account, operationOf(this.account, service, name), input, caller);
      const operation = operationOf(account, service, name);
      const call = account.call(caller, {
        requestId,
        sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
        userAgent: incoming.headers['user-agent'] ?? '',
        secureTransport: this.options.secureTransport ?? true,
        dryRun: incoming.headers[DRY_RUN_HEADER] === 'true',
      });
      const { forwardedBy } = caller;
      // The wire gives no types: each operation checks what it relies upon.
      const output = await account.perform(operation, input as never, forwardedBy ? via(call, forwardedBy, account.region) : call);
      return protocol.success(name, output, requestId);
    } catch (error) {
      if (error instanceof ServiceError) return protocol.failure(scope, error, requestId);
      this.account.faults.record(`a request to ${PROTOCOLS.has(scope) ? scope : 'no known service'}`, error);
      return protocol.failure(scope, new ServiceError('InternalFailure', 'The lab failed; its output tells more', 500), requestId);
    }
  }
}

/** An operation of an account by its name. */
function operationOf(account: Account, service: string, name: string): Operation<never, unknown> {
  const operations = account.services[service]?.operations ?? {};
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) throw new ServiceError('UnknownOperationException', `The lab does not model ${service}:${name}`, 404, 'InvalidAction');
  return operation;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new ServiceError('RequestEntityTooLargeException', `A request may have ${MAX_BODY_BYTES} bytes`, 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
