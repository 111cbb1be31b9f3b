import type { Decision, Policy } from '../../evaluator';
import type { BackgroundWork } from './background-work';
import type { Call, Caller } from './caller';
import type { Clock } from './clock';
import type { DynamoDb } from './dynamodb/dynamodb';
import type { FaultLog } from './fault-log';
import type { Iam } from './iam/iam';
import type { Kms } from './kms/kms';
import type { Lambda } from './lambda/lambda';
import type { Logs } from './logs/logs';
import type { Operation, Operations, Target } from './operation';
import type { Sqs } from './sqs/sqs';
import type { Sts } from './sts/sts';

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

/** What a service needs of the account that it belongs to: who and where it is, its clock, authorization, and its other services. */
export interface AccountContext {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly clock: Clock;
  /** Owns what no request waits for. */
  readonly background: BackgroundWork;
  readonly faults: FaultLog;
  /** Where the account's endpoint listens; queue URLs start with it. */
  readonly endpointUrl: string;
  /** This account and its peer accounts, by id. */
  readonly accounts: ReadonlyMap<string, AccountContext>;
  readonly iam: Iam;
  readonly sts: Sts;
  readonly kms: Kms;
  readonly sqs: Sqs;
  readonly dynamodb: DynamoDb;
  readonly logs: Logs;
  readonly lambda: Lambda;

  /** ARN of something in this account and region. */
  arn(service: string, resource: string): string;
  /** A call by a user or session, as the entry points make it. */
  call(caller: Caller, more?: Partial<Call>): Call;
  /** A call by an AWS service in its own name, e.g. `logs.eu-west-1.amazonaws.com`. */
  serviceCall(service: string): Call;
  /**
   * Performs one operation for a caller: authorizes it, does it, and leaves an audit event.
   *
   * @throws ServiceError as AWS would answer
   */
  perform<Input, Output>(operation: Operation<Input, Output>, input: Input, call: Call): Promise<Output>;
  /**
   * Refuses a call that the policies do not allow.
   *
   * @param options `answeredBy`: the service whose error the caller gets, where that is not the action's own
   * @throws ServiceError access denied, in the words of AWS
   */
  authorize(action: string, target: Target, call: Call, options?: { readonly answeredBy?: string }): void;
  /** The policies that a caller brings along, from the account that it belongs to. */
  policiesOf(caller: Caller): { readonly identity: readonly Policy[] };
}
