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
import { DRY_RUN_HEADER } from '../../lab/endpoint/endpoint';
import type { Credentials, Lab } from '../../lab/lab';
import { toCredentials } from '../mfa-user';
import type { Actor } from './actors';

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

/** How an actor calls. */
export interface CallOptions {
  /** Through the door without TLS. */
  readonly plain?: boolean;
  /** Only asking: the account decides, and does nothing. */
  readonly dryRun?: boolean;
  /** A service that passes the call on for the actor. */
  readonly via?: string;
}

/** Real AWS clients of one actor, each made at its first use. */
export class Clients {
  private readonly made = new Map<string, unknown>();
  private readonly forwarded = new Map<string, Credentials>();

  constructor(
    private readonly lab: Lab,
    readonly actor: Actor,
  ) {}

  of<S extends ServiceName>(service: S, manner: CallOptions = {}): InstanceType<(typeof CLIENTS)[S]> {
    const slot = JSON.stringify([service, manner.plain, manner.dryRun, manner.via]);
    if (!this.made.has(slot)) this.made.set(slot, this.make(service, manner));
    return this.made.get(slot) as InstanceType<(typeof CLIENTS)[S]>;
  }

  private make(service: ServiceName, { plain, dryRun, via }: CallOptions): unknown {
    const credentials = via === undefined ? this.actor.credentials : this.forward(via);
    const client = new CLIENTS[service]({
      endpoint: (plain ? this.lab.plainEndpoint : this.lab.endpoint).url,
      region: this.lab.account.region,
      maxAttempts: 1,
      ...(credentials ? { credentials: { ...credentials } } : UNSIGNED),
    });
    if (dryRun) onlyRehearse(client.middlewareStack as unknown as BuildStack);
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

interface HttpArguments {
  readonly request: { readonly headers: Record<string, string> };
}

/** The part of a client's middleware stack that is used here, the same for all clients. */
interface BuildStack {
  add(
    middleware: (next: (args: HttpArguments) => Promise<unknown>) => (args: HttpArguments) => Promise<unknown>,
    options: { readonly step: 'build'; readonly name: string },
  ): void;
}

function onlyRehearse(stack: BuildStack): void {
  stack.add(
    (next) => (args) => {
      args.request.headers[DRY_RUN_HEADER] = 'true';
      return next(args);
    },
    { step: 'build', name: 'rehearsal' },
  );
}
