import { CreateAccessKeyCommand, CreateVirtualMFADeviceCommand, EnableMFADeviceCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { Secret, TOTP } from 'otpauth';
import type { Credentials } from '../lab/lab';

/** The endpoint and region of clients. */
export interface ClientEnvironment {
  readonly endpoint: string;
  readonly region: string;
}

/** How long a code of an authenticator holds, in milliseconds. */
const STEP_MS = 30_000;

/**
 * A person with an IAM user, an access key and an authenticator application, working through real AWS
 * clients.
 */
export class MfaUser {
  private session: Credentials | undefined;

  private constructor(
    private readonly environment: ClientEnvironment,
    /** The user's long-term access key: no MFA. */
    readonly accessKey: Credentials,
    private readonly mfaSerial: string,
    private readonly authenticator: TOTP,
  ) {}

  /**
   * Makes an access key of a user as an administrator, then sets up the MFA device of the user as the user
   * itself.
   */
  static async enroll(environment: ClientEnvironment, administrator: Credentials, userName: string): Promise<MfaUser> {
    const { AccessKey: key } = await new IAMClient({ ...environment, credentials: administrator }).send(new CreateAccessKeyCommand({ UserName: userName }));
    const accessKey = { accessKeyId: String(key?.AccessKeyId), secretAccessKey: String(key?.SecretAccessKey) };
    const iam = new IAMClient({ ...environment, credentials: accessKey });
    const { VirtualMFADevice: device } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: userName }));
    const seed = Buffer.from(device?.Base32StringSeed ?? new Uint8Array()).toString();
    const authenticator = new TOTP({ secret: Secret.fromBase32(seed) });
    const code = (stepsAgo: number) => authenticator.generate({ timestamp: Date.now() - stepsAgo * STEP_MS });
    await iam.send(
      new EnableMFADeviceCommand({ UserName: userName, SerialNumber: device?.SerialNumber, AuthenticationCode1: code(2), AuthenticationCode2: code(1) }),
    );
    return new MfaUser(environment, accessKey, String(device?.SerialNumber), authenticator);
  }

  /** Signs in with a code of the authenticator; the session is kept. */
  async signIn(): Promise<Credentials> {
    this.session ??= await this.newSession();
    return this.session;
  }

  /** Assumes a role from the signed-in session. */
  async assume(roleArn: string, sessionName: string): Promise<Credentials> {
    return assumeRole(this.environment, await this.signIn(), roleArn, sessionName);
  }

  private async newSession(): Promise<Credentials> {
    const sts = new STSClient({ ...this.environment, credentials: this.accessKey });
    const answer = await sts.send(
      new GetSessionTokenCommand({ SerialNumber: this.mfaSerial, TokenCode: this.authenticator.generate(), DurationSeconds: 129_600 }),
    );
    return toCredentials(answer.Credentials);
  }
}

/** Assumes a role with given credentials. */
export async function assumeRole(environment: ClientEnvironment, credentials: Credentials, roleArn: string, sessionName: string): Promise<Credentials> {
  const sts = new STSClient({ ...environment, credentials });
  return toCredentials((await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName }))).Credentials);
}

/** Credentials as STS answers them, in the form that clients take. */
export function toCredentials(given: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined): Credentials {
  return { accessKeyId: String(given?.AccessKeyId), secretAccessKey: String(given?.SecretAccessKey), sessionToken: given?.SessionToken };
}
