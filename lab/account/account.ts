import { randomUUID } from 'node:crypto';
import { accessRequest, type ContextInput, denialMessage, evaluate, formatArn, type Policy, parsePrincipal } from '../../evaluator/index';
import type { AccountContext, RecordedDecision, Service } from './account-context';
import { Activity } from './activity';
import type { Call, Caller } from './caller';
import { Clock } from './clock';
import { CloudTrail } from './cloudtrail/cloudtrail';
import { CloudWatch } from './cloudwatch/cloudwatch';
import { DynamoDb } from './dynamodb/dynamodb';
import { dryRunOperation, ServiceError } from './errors';
import { FaultLog } from './fault-log';
import { Iam } from './iam/iam';
import { Kms } from './kms/kms';
import { Lambda } from './lambda/lambda';
import { Logs } from './logs/logs';
import type { Operation, Target } from './operation';
import { type Settled, type SettleOptions, settle } from './settle';
import { Sqs } from './sqs/sqs';
import { Sts } from './sts/sts';
import { XRay } from './xray/xray';

/** What an account is made with. */
export interface AccountOptions {
  /** Twelve digits. */
  readonly accountId?: string;
  readonly region?: string;
  readonly clock?: Clock;
  /** A peer account: principals of each may call the other. */
  readonly peer?: Account;
}

const MAX_DECISIONS = 10_000;

/**
 * An AWS account in this process. Every call, through either entry point, goes through {@link Account.perform}: the call is
 * authorized by `evaluator/`, acts, and leaves an audit event.
 */
export class Account implements AccountContext {
  readonly accountId: string;
  readonly region: string;
  readonly partition = 'aws';
  readonly clock: Clock;
  /** The work under way. */
  readonly activity = new Activity();
  readonly faults: FaultLog;
  /** This account and its peer accounts, by id. */
  readonly accounts: Map<string, Account>;
  readonly iam: Iam;
  readonly sts: Sts;
  readonly kms: Kms;
  readonly sqs: Sqs;
  readonly dynamodb: DynamoDb;
  readonly logs: Logs;
  readonly lambda: Lambda;
  readonly cloudwatch: CloudWatch;
  readonly cloudtrail: CloudTrail;
  readonly xray: XRay;
  /** The services under the names that signatures and IAM actions use. */
  readonly services: Readonly<Record<string, Service>>;
  /** Where the account's endpoint listens; queue URLs start with it. */
  endpointUrl: string;
  private decisions: RecordedDecision[] = [];

  constructor(options: AccountOptions = {}) {
    this.accountId = options.accountId ?? '111122223333';
    this.region = options.region ?? 'eu-west-1';
    this.clock = options.clock ?? new Clock();
    this.faults = new FaultLog(this.clock);
    this.accounts = (options.peer?.accounts ?? new Map<string, Account>()).set(this.accountId, this);
    this.endpointUrl = options.peer?.endpointUrl ?? `https://sqs.${this.region}.amazonaws.com`;
    this.iam = new Iam(this);
    this.sts = new Sts(this);
    this.kms = new Kms(this);
    this.sqs = new Sqs(this);
    this.dynamodb = new DynamoDb(this);
    this.logs = new Logs(this);
    this.lambda = new Lambda(this);
    this.cloudwatch = new CloudWatch(this);
    this.cloudtrail = new CloudTrail(this);
    this.xray = new XRay();
    const { iam, sts, kms, sqs, dynamodb, logs, lambda, cloudwatch, cloudtrail, xray } = this;
    this.services = { iam, sts, kms, sqs, dynamodb, logs, lambda, cloudwatch, cloudtrail, xray };
  }

  /** ARN of something in this account and region. */
  arn(service: string, resource: string): string {
    const { partition, region, accountId: account } = this;
    return formatArn({ partition, service, region, account, resource });
  }

  /** A call by a user or session, as the entry points make it. */
  call(caller: Caller, more: Partial<Call> = {}): Call {
    return { caller, requestId: randomUUID(), sourceIp: '127.0.0.1', userAgent: 'lab', secureTransport: true, calledVia: [], ...more };
  }

  /** A call by an AWS service in its own name, e.g. `logs.eu-west-1.amazonaws.com`. */
  serviceCall(service: string): Call {
    const principal = parsePrincipal(service);
    if (!principal) throw new TypeError(`${service} is not a service principal`);
    return this.call({ principal, userId: service, accountId: this.accountId, temporary: false, tags: {} }, { sourceIp: service, userAgent: service });
  }

  /**
   * Performs one operation for a caller.
   *
   * @throws ServiceError as AWS would answer
   */
  async perform<Input, Output>(operation: Operation<Input, Output>, input: Input, call: Call): Promise<Output> {
    try {
      const target = await operation.target(input, call);
      if (operation.action !== 'none') this.authorize(operation.action, target, call);
      if (call.dryRun) throw dryRunOperation(operation.action, target.resource);
      const output = await operation.run(input, call);
      this.cloudtrail.record(operation, input, call, { output });
      return output;
    } catch (error) {
      if (!(error instanceof ServiceError)) this.faults.record(`${operation.service}:${operation.name}`, error);
      this.cloudtrail.record(operation, input, call, { error: error as Error });
      throw error;
    }
  }

  /**
   * Refuses a call that the policies do not allow. Operations that need more than one permission call it once more for each;
   * `answeredBy` is the service whose error the caller gets, where that is not the action's own.
   *
   * @throws ServiceError access denied, with AWS's message
   */
  authorize(action: string, target: Target, call: Call, { answeredBy }: { answeredBy?: string } = {}): void {
    const { caller } = call;
    const request = accessRequest(caller.principal, action, target.resource, { ...this.globalContext(call, target.mfaAt), ...target.context });
    const decision = evaluate(request, {
      ...this.policiesOf(caller),
      session: caller.sessionPolicies,
      resource: target.policy,
      grants: target.grants,
    });
    this.decisions.push({ requestId: call.requestId, action, resource: target.resource, decision });
    if (this.decisions.length > 2 * MAX_DECISIONS) this.decisions = this.decisions.slice(-MAX_DECISIONS);
    if (decision.outcome === 'allowed') return;
    const { code, status } = this.services[answeredBy ?? action.split(':')[0] ?? '']?.accessDenied ?? { code: 'AccessDenied', status: 403 };
    throw new ServiceError(code, denialMessage(decision, caller.principal.arn, action, target.resource), status);
  }

  /** The policies that a caller brings along, from the account that it belongs to. */
  policiesOf({ principal, accountId }: Caller): { readonly identity: readonly Policy[] } {
    return this.accounts.get(accountId)?.iam.policiesOf(principal) ?? { identity: [] };
  }

  /** What was decided in the course of one request, first to last; the latest requests are kept. */
  decisionsOf(requestId: string): readonly RecordedDecision[] {
    return this.decisions.filter((decision) => decision.requestId === requestId);
  }

  /**
   * What the account alone knows of a call; the evaluator derives the rest from principal, resource and these.
   *
   * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
   */
  private globalContext(call: Call, broughtMfaAt: number | undefined): ContextInput {
    const { caller, calledVia } = call;
    const now = this.clock.now();
    const mfaAt = broughtMfaAt ?? caller.mfaAt;
    // Sessions of roles carry no MFA information; sessions of users do, and a call that brings a code does.
    const mfaKnown = mfaAt !== undefined || (caller.temporary && caller.principal.kind === 'user');
    return {
      'aws:SecureTransport': String(call.secureTransport),
      'aws:CurrentTime': new Date(now).toISOString(),
      'aws:EpochTime': String(Math.floor(now / 1000)),
      'aws:RequestedRegion': this.region,
      // Also where an action has no resource of its own: what is done here is done to this account.
      'aws:ResourceAccount': this.accountId,
      'aws:UserAgent': call.userAgent,
      'aws:userid': caller.userId,
      'aws:CalledVia': calledVia,
      'aws:SourceIp': calledVia.length > 0 || caller.principal.kind === 'service' ? [] : call.sourceIp,
      'aws:MultiFactorAuthPresent': mfaKnown ? String(mfaAt !== undefined) : [],
      'aws:MultiFactorAuthAge': mfaAt === undefined ? [] : String(Math.max(0, Math.floor((now - mfaAt) / 1000))),
      'kms:ViaService': call.viaService ?? [],
      'lambda:SourceFunctionArn': caller.sourceFunctionArn ?? [],
      ...Object.fromEntries(Object.entries(caller.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
    };
  }

  /**
   * Runs until nothing is under way: functions, batches, retries. Its clock moves only to the next moment at which something
   * is due, and only while no function runs, so that a slow machine changes nothing.
   */
  settle(options?: SettleOptions): Promise<Settled> {
    return settle(this, options);
  }

  /** Ends everything that runs: pollers and functions. */
  async close(): Promise<void> {
    await this.lambda.close();
  }
}
