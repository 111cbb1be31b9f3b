import type {
  CreateGrantRequest,
  CreateGrantResponse,
  DecryptRequest,
  DecryptResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  KeyMetadata,
} from '@aws-sdk/client-kms';
import type { DeleteMessageBatchRequest, ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import type { Credentials } from '@aws-sdk/client-sts';
import type { Decision, Policy } from '../../evaluator';
import type { Activity } from './activity';
import type { Call, Caller } from './caller';
import type { Clock } from './clock';
import type { FaultLog } from './fault-log';
import type { MfaDevice, Role, User } from './iam/entities';
import type { Key } from './kms/key';
import type { LambdaFunction } from './lambda/function';
import type { Poller } from './lambda/poller';
import type { Result } from './lambda/worker';
import type { Operation, Operations, Target } from './operation';
import type { Queue } from './sqs/queue';
import type { PrincipalDirectory } from './stored-policy';

/** One service of the account: its operations, and how it words a refusal. */
export interface Service {
  readonly operations: Operations;
  readonly accessDenied: { readonly code: string; readonly status: number };
}

/** One decision of the account, for those who ask why. */
export interface RecordedDecision {
  readonly requestId: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision;
}

/** IAM as the other services need it. */
export interface IamContext extends PrincipalDirectory {
  readonly users: ReadonlyMap<string, User>;
  readonly roles: ReadonlyMap<string, Role>;
  /** By serial number. */
  readonly mfaDevices: ReadonlyMap<string, MfaDevice>;
  arn(type: 'role' | 'user' | 'group' | 'policy' | 'mfa' | 'instance-profile', path: string, name: string): string;
  arnOf(role: Role): string;
  /** ARN of the account's root user. */
  rootArn(): string;
}

/** STS as the other services need it. */
export interface StsContext {
  /** @throws ServiceError when the service may not assume the role */
  serviceSession(roleArn: string, sessionName: string, service: string, sourceFunctionArn?: string): { credentials: Credentials; caller: Caller };
}

/** KMS as the services that encrypt need it. */
export interface KmsContext {
  readonly operations: {
    readonly CreateGrant: Operation<CreateGrantRequest, CreateGrantResponse>;
    readonly Decrypt: Operation<DecryptRequest, DecryptResponse>;
    readonly DescribeKey: Operation<{ KeyId: string | undefined }, { KeyMetadata: KeyMetadata }>;
    readonly GenerateDataKey: Operation<GenerateDataKeyRequest, GenerateDataKeyResponse>;
  };
  /** @throws ServiceError NotFoundException */
  find(reference: string | undefined): Key;
  /** @throws ServiceError when the caller lacks one of the permissions */
  check(actions: readonly string[], keyReference: string, context: Readonly<Record<string, string>>, call: Call): void;
}

/** SQS as event source mappings need it. */
export interface SqsContext {
  readonly operations: {
    readonly ReceiveMessage: Operation<ReceiveMessageRequest, ReceiveMessageResult>;
    readonly DeleteMessageBatch: Operation<DeleteMessageBatchRequest, unknown>;
  };
  byArn(arn: string | undefined): Queue | undefined;
  /** Where messages of a queue go that were received too often, if anywhere. */
  deadLetterQueueOf(queue: Queue): Queue | undefined;
  url(queue: Queue): string;
  target(queue: Queue, call: Call): Target;
}

/** CloudWatch Logs as Lambda needs it. */
export interface LogsContext {
  readonly operations: {
    readonly CreateLogStream: Operation<{ logGroupName?: string | undefined; logStreamName: string }, object>;
    readonly PutLogEvents: Operation<
      {
        logGroupName: string | undefined;
        logStreamName: string | undefined;
        logEvents: { timestamp: number | undefined; message: string | undefined }[] | undefined;
      },
      object
    >;
  };
}

/** Lambda as its event source mappings, and settling, need it. */
export interface LambdaContext {
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly runtime: { invoke(lambda: LambdaFunction, event: unknown): Promise<Result> };
  /** By UUID. */
  readonly pollers: ReadonlyMap<string, Poller>;
  readonly asyncEvents: { readonly pending: number; nextDue(): number | undefined };
  /** Messages that functions processed and event source mappings deleted. */
  processedMessages: number;
  /** @throws ServiceError ResourceNotFoundException */
  find(reference: string | undefined): LambdaFunction;
}

/** What a service needs of the account that it is part of. */
export interface AccountContext {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly clock: Clock;
  /** The work under way. */
  readonly activity: Activity;
  /** Owns what no request waits for: its failure is recorded. */
  readonly faults: FaultLog;
  /** Where the account's endpoint listens; queue URLs start with it. */
  readonly endpointUrl: string;
  /** This account and its peer accounts, by id. */
  readonly accounts: ReadonlyMap<string, AccountContext>;
  readonly iam: IamContext;
  readonly sts: StsContext;
  readonly kms: KmsContext;
  readonly sqs: SqsContext;
  readonly logs: LogsContext;
  readonly lambda: LambdaContext;
  /** ARN of something in this account and region. */
  arn(service: string, resource: string): string;
  /** A call by a user or session. */
  call(caller: Caller, more?: Partial<Call>): Call;
  /** A call by an AWS service in its own name, e.g. `logs.eu-west-1.amazonaws.com`. */
  serviceCall(service: string): Call;
  /** @throws ServiceError as AWS would answer */
  perform<Input, Output>(operation: Operation<Input, Output>, input: Input, call: Call): Promise<Output>;
  /** @throws ServiceError access denied, with AWS's message */
  authorize(action: string, target: Target, call: Call, options?: { answeredBy?: string }): void;
  /** The policies that a caller brings along, from the account that it belongs to. */
  policiesOf(caller: Caller): { readonly identity: readonly Policy[] };
}
