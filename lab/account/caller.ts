import type { Policy, Principal } from '../../evaluator/index';

/** Who calls, as authentication found out. */
export interface Caller {
  readonly principal: Principal;
  /** `aws:userid`: the unique id of a user, `role id:session name` of a session. */
  readonly userId: string;
  readonly accountId: string;
  readonly accessKeyId?: string;
  /** Temporary credentials carry `aws:MultiFactorAuthPresent`, long-term ones do not. */
  readonly temporary: boolean;
  /** When MFA was used, account time in milliseconds. */
  readonly mfaAt?: number;
  readonly sessionPolicies?: readonly Policy[];
  /**
   * The service that holds these credentials to call others for the caller, by its prefix: a forward access session.
   * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
   */
  readonly forwardedBy?: string;
  /** Set on credentials that Lambda gives to function code: the value of `lambda:SourceFunctionArn`. */
  readonly sourceFunctionArn?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One call on its way through the account. */
export interface Call {
  readonly caller: Caller;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly secureTransport: boolean;
  /** The services that pass the call on for the caller, first to last, e.g. `sqs.amazonaws.com`. */
  readonly calledVia: readonly string[];
  /** The host under which a service calls KMS for the caller, e.g. `sqs.eu-west-1.amazonaws.com`. */
  readonly viaService?: string;
  /** The call is authorized like any other, but nothing is done. */
  readonly dryRun?: boolean;
}

/** The same call as a service passes it on to KMS. */
export function via(call: Call, service: string, region: string): Call {
  return { ...call, calledVia: [...call.calledVia, `${service}.amazonaws.com`], viaService: `${service}.${region}.amazonaws.com` };
}
