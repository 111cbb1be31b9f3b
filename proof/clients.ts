import { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { STS } from '@aws-sdk/client-sts';
import { XRay } from '@aws-sdk/client-xray';
import { DRY_RUN_HEADER } from '../lab/endpoint/endpoint';
import type { Credentials, Lab } from '../lab/lab';
import type { Actor } from './actors';
import { toCredentials } from './mfa-user';

const CLIENTS = {
  cloudtrail: CloudTrail,
  cloudwatch: CloudWatch,
  dynamodb: DynamoDB,
  iam: IAM,
  kms: KMS,
  lambda: Lambda,
  logs: CloudWatchLogs,
  sqs: SQS,
  sts: STS,
  xray: XRay,
} as const;

/** A service that an actor can call, by its prefix in actions. */
export type ServiceName = keyof typeof CLIENTS;
type Client<S extends ServiceName> = InstanceType<(typeof CLIENTS)[S]>;

/** Whether a text is the prefix of a service that actors can call. */
export const isServiceName = (text: string): text is ServiceName => Object.hasOwn(CLIENTS, text);

/** How an actor calls. */
export interface CallOptions {
  /** Through the endpoint without TLS. */
  readonly plain?: boolean;
  /** The account decides, and does nothing. */
  readonly dryRun?: boolean;
  /** A service that passes the call on for the actor. */
  readonly via?: string;
}

/** Real AWS clients of one actor, each made at its first use. */
export class Clients {
  private readonly clients = new Map<string, Client<ServiceName>>();
  private readonly forwarded = new Map<string, Credentials>();

  constructor(
    private readonly lab: Lab,
    readonly actor: Actor,
  ) {}

  /** The client of a service. */
  of<S extends ServiceName>(service: S, options: CallOptions = {}): Client<S> {
    const cacheKey = JSON.stringify([service, options.plain, options.dryRun, options.via]);
    const client = this.clients.get(cacheKey) ?? this.make(service, options);
    this.clients.set(cacheKey, client);
    return client as Client<S>;
  }

  private make(service: ServiceName, { plain, dryRun, via }: CallOptions): Client<ServiceName> {
    const credentials = via === undefined ? this.actor.credentials : this.forward(via);
    const client = new CLIENTS[service]({
      endpoint: (plain ? this.lab.plainEndpoint : this.lab.endpoint).url,
      region: this.lab.account.region,
      maxAttempts: 1,
      ...(credentials ? { credentials: { ...credentials } } : UNSIGNED),
    });
    if (dryRun) requestDryRuns(client);
    return client;
  }

  private forward(service: string): Credentials {
    const known = this.forwarded.get(service) ?? toCredentials(this.lab.account.sts.forwardAccess(this.actor.caller, service));
    this.forwarded.set(service, known);
    return known;
  }
}

/** Clients want credentials also when they do not sign. */
const UNSIGNED = {
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  signer: { sign: <T>(request: T) => Promise.resolve(request) },
};

/** Adds the header of dry runs to all requests of a client. */
function requestDryRuns(client: Client<ServiceName>): void {
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request, options) => {
    request.headers[DRY_RUN_HEADER] = 'true';
    return handle(request, options);
  };
}
