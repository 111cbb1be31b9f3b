import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  Credentials,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { formatArn, parsePrincipal } from '../../../evaluator/index';
import type { AccountContext, Service } from '../account-context';
import type { Call, Caller } from '../caller';
import { notModelled, ServiceError } from '../errors';
import { secretKey, sessionToken, uniqueId } from '../iam/entities';
import { acceptCode } from '../iam/mfa';
import { operationsOf, type Target } from '../operation';
import { checkPolicy } from '../stored-policy';

const operation = operationsOf('sts', ['RoleArn']);

/** What authentication knows about one access key. */
export interface KnownCredentials {
  readonly secret: string;
  /** Present on temporary credentials. */
  readonly token?: string;
  readonly expiresAt?: number;
  readonly caller: Caller;
}

interface Session {
  readonly secret: string;
  readonly token: string;
  readonly expiresAt: number;
  readonly caller: Caller;
}

const MINIMUM_SECONDS = 900;
const CHAINED_SECONDS = 3600;

/** STS: who the caller is, and temporary credentials. */
export class Sts implements Service {
  readonly accessDenied = { code: 'AccessDenied', status: 403 };
  private readonly sessions = new Map<string, Session>();
  private rootKey: KnownCredentials | undefined;

  constructor(private readonly account: AccountContext) {}

  readonly operations = {
    GetCallerIdentity: operation<object, GetCallerIdentityResponse>('GetCallerIdentity', {
      // No permissions are required, and an explicit deny does not help either.
      // Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      action: 'none',
      event: 'read',
      target: () => ({ resource: '*' }),
      run: (_input, { caller }) => ({ UserId: caller.userId, Account: caller.accountId, Arn: caller.principal.arn }),
    }),
    GetSessionToken: operation<GetSessionTokenRequest, GetSessionTokenResponse>('GetSessionToken', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: (input, call) => this.getSessionToken(input, call),
    }),
    AssumeRole: operation<AssumeRoleRequest, AssumeRoleResponse>('AssumeRole', {
      event: 'read',
      target: (input, call) => this.roleTarget(input, call),
      run: (input, call) => this.assumeRole(input, call),
      describe: (input) => ({ parameters: { roleArn: input.RoleArn, roleSessionName: input.RoleSessionName, serialNumber: input.SerialNumber } }),
    }),
  };

  /** The credentials behind an access key id. */
  find(accessKeyId: string): KnownCredentials | undefined {
    if (this.rootKey?.caller.accessKeyId === accessKeyId) return this.rootKey;
    const session = this.sessions.get(accessKeyId);
    if (session) return this.isStillThere(session.caller) ? session : undefined;
    for (const user of this.account.iam.users.values()) {
      const key = user.accessKeys.find((accessKey) => accessKey.id === accessKeyId && accessKey.active);
      if (!key) continue;
      const arn = this.account.iam.arn('user', user.path, user.name);
      return { secret: key.secret, caller: this.caller(arn, user.id, { accessKeyId, temporary: false, tags: user.tags }) };
    }
    return undefined;
  }

  /** A session ends with its user or role; another one of the same name is somebody else. */
  private isStillThere({ principal, userId, accountId }: Caller): boolean {
    if (principal.kind !== 'user' && principal.kind !== 'session') return true;
    return this.account.accounts.get(accountId)?.iam.uniqueIdOf(principal.principalArn) === userId.split(':')[0];
  }

  /** Access key of the true root user. Root has one only if its owner asks for it. */
  rootCredentials(): { accessKeyId: string; secretAccessKey: string; caller: Caller } {
    const accessKeyId = uniqueId('AKIA');
    const { accountId, iam } = this.account;
    const caller = this.caller(iam.rootArn(), accountId, { accessKeyId, temporary: false, tags: {} });
    this.rootKey = { secret: secretKey(), caller };
    return { accessKeyId, secretAccessKey: this.rootKey.secret, caller };
  }

  /** A session that AWS itself starts for a service that may assume the role: Lambda for a function or a poller. */
  serviceSession(roleArn: string, sessionName: string, service: string, sourceFunctionArn?: string): { credentials: Credentials; caller: Caller } {
    const role = this.roleOf(roleArn);
    this.account.authorize('sts:AssumeRole', { resource: roleArn, policy: role.trust.policy() }, this.account.serviceCall(service));
    return this.startSession(roleArn, sessionName, role.maxSessionSeconds, { sourceFunctionArn });
  }

  /**
   * Credentials with which a service calls others for a caller, as it gets them with the caller's request.
   * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
   *
   * @param service its prefix, e.g. `sqs`
   */
  forwardAccess(caller: Caller, service: string): Credentials {
    return this.register({ ...caller, forwardedBy: service });
  }

  /** Credentials of a service of AWS itself, e.g. `lambda.amazonaws.com`. */
  serviceCredentials(service: string): Credentials {
    return this.register(this.account.serviceCall(service).caller);
  }

  private register(caller: Caller): Credentials {
    const accessKeyId = uniqueId('ASIA');
    const expiresAt = this.account.clock.now() + CHAINED_SECONDS * 1000;
    const session: Session = { secret: secretKey(), token: sessionToken(), expiresAt, caller: { ...caller, accessKeyId } };
    this.sessions.set(accessKeyId, session);
    return toCredentials(accessKeyId, session);
  }

  /** A session of a role as its holder would have it, for the set-up of tests. */
  sessionOf(roleArn: string, sessionName: string): { credentials: Credentials; caller: Caller } {
    return this.startSession(roleArn, sessionName, this.roleOf(roleArn).maxSessionSeconds, {});
  }

  private caller(arn: string, userId: string, rest: Omit<Caller, 'principal' | 'userId' | 'accountId'>, roleArn?: string): Caller {
    const principal = parsePrincipal(arn, roleArn);
    if (!principal) throw new TypeError(`${arn} is not a principal`);
    return { principal, userId, accountId: this.account.accountId, ...rest };
  }

  private roleOf(arn: string) {
    const role = [...this.account.iam.roles.values()].find((candidate) => this.account.iam.arnOf(candidate) === arn);
    // AWS does not tell whether a role exists: its absence reads as a refusal.
    if (!role) throw new ServiceError('AccessDenied', `Not authorized to perform sts:AssumeRole on resource: ${arn}`, 403);
    return role;
  }

  private roleTarget(input: AssumeRoleRequest, call: Call): Target {
    for (const member of ['TransitiveTagKeys', 'PolicyArns', 'SourceIdentity', 'ProvidedContexts'] as const) {
      if (input[member] !== undefined) throw notModelled(`AssumeRole with ${member}`);
    }
    return { ...this.trustTarget(input), mfaAt: this.mfaOf(input, call) };
  }

  private trustTarget(input: AssumeRoleRequest): Target {
    const arn = String(input.RoleArn);
    return {
      resource: arn,
      policy: this.roleOf(arn).trust.policy(),
      context: {
        'sts:RoleSessionName': String(input.RoleSessionName),
        'sts:ExternalId': input.ExternalId ?? [],
      },
    };
  }

  /** When the call itself brings an MFA code, now; the code is then used up. */
  private mfaOf(input: { SerialNumber?: string; TokenCode?: string }, { caller }: Call): number | undefined {
    if (input.SerialNumber === undefined && input.TokenCode === undefined) return undefined;
    const device = this.account.iam.mfaDevices.get(String(input.SerialNumber));
    const own = device?.user !== undefined && caller.principal.kind === 'user' && device.user === caller.principal.name;
    if (!device || !own || !acceptCode(device, String(input.TokenCode))) {
      throw new ServiceError('AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code. ', 403);
    }
    return this.account.clock.now();
  }

  private getSessionToken(input: GetSessionTokenRequest, call: Call): GetSessionTokenResponse {
    const { caller } = call;
    if (caller.temporary || caller.principal.kind !== 'user') {
      throw new ServiceError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
    }
    const seconds = checkDuration(input.DurationSeconds ?? 43200, 129600);
    const mfaAt = this.mfaOf(input, call);
    const accessKeyId = uniqueId('ASIA');
    const expiresAt = this.account.clock.now() + seconds * 1000;
    const session: Session = { secret: secretKey(), token: sessionToken(), expiresAt, caller: { ...caller, accessKeyId, temporary: true, mfaAt } };
    this.sessions.set(accessKeyId, session);
    return { Credentials: toCredentials(accessKeyId, session) };
  }

  private assumeRole(input: AssumeRoleRequest, call: Call): AssumeRoleResponse {
    const arn = String(input.RoleArn);
    const role = this.roleOf(arn);
    if (call.caller.principal.kind === 'root') throw new ServiceError('AccessDenied', 'Roles may not be assumed by root accounts.', 403);
    const name = String(input.RoleSessionName);
    if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw new ServiceError('ValidationError', `'${name}' is not a role session name`);
    if (input.Tags !== undefined) {
      // The code was good for AssumeRole, so it is for this.
      const mfaAt = input.TokenCode === undefined ? undefined : this.account.clock.now();
      this.account.authorize('sts:TagSession', { ...this.trustTarget(input), mfaAt }, call);
      throw notModelled('AssumeRole with Tags');
    }
    const seconds = checkDuration(input.DurationSeconds ?? 3600, role.maxSessionSeconds);
    if (call.caller.principal.kind === 'session' && seconds > CHAINED_SECONDS) {
      throw new ServiceError('ValidationError', 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
    }
    const sessionPolicies = input.Policy === undefined ? undefined : [checkPolicy('session policy', input.Policy, 'identity')];
    const { credentials, caller } = this.startSession(arn, name, seconds, { sessionPolicies });
    return { Credentials: credentials, AssumedRoleUser: { AssumedRoleId: caller.userId, Arn: caller.principal.arn } };
  }

  private startSession(roleArn: string, name: string, seconds: number, more: Pick<Caller, 'sessionPolicies' | 'sourceFunctionArn'>) {
    const role = this.roleOf(roleArn);
    const accessKeyId = uniqueId('ASIA');
    const { partition, accountId: account } = this.account;
    const arn = formatArn({ partition, service: 'sts', region: '', account, resource: `assumed-role/${role.name}/${name}` });
    const caller = this.caller(arn, `${role.id}:${name}`, { accessKeyId, temporary: true, tags: role.tags, ...more }, roleArn);
    const session: Session = { secret: secretKey(), token: sessionToken(), expiresAt: this.account.clock.now() + seconds * 1000, caller };
    this.sessions.set(accessKeyId, session);
    return { credentials: toCredentials(accessKeyId, session), caller };
  }
}

function checkDuration(seconds: number, maximum: number): number {
  if (!Number.isInteger(seconds) || seconds < MINIMUM_SECONDS) throw new ServiceError('ValidationError', `DurationSeconds must be at least ${MINIMUM_SECONDS}`);
  if (seconds > maximum) throw new ServiceError('ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return seconds;
}

function toCredentials(accessKeyId: string, session: Session): Credentials {
  return { AccessKeyId: accessKeyId, SecretAccessKey: session.secret, SessionToken: session.token, Expiration: new Date(session.expiresAt) };
}
