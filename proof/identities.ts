import { ProjectError } from '../evaluator';
import { BOOTSTRAP_USER, type Credentials, type Lab } from '../lab/lab';
import type { Names } from '../stacks/names';
import { HUMAN_ROLES, type HumanRole } from '../stacks/names';
import { MfaUser } from './mfa-user';

/** An identity that a command shall act as does not exist. */
export class UnknownIdentity extends ProjectError {}

/**
 * The identities that a command can act as in the lab: the bootstrap user, the deployed user, and the human
 * roles that it assumes.
 */
export class Identities {
  private deployedUser: Promise<MfaUser> | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly names: Names,
    /** Of the deployed user. */
    readonly userName: string,
  ) {}

  /**
   * The deployed user with its MFA device, enrolled at the first use.
   *
   * @throws UnknownIdentity before the user is deployed
   */
  user(): Promise<MfaUser> {
    const environment = { endpoint: this.lab.endpoint.url, region: this.lab.account.region };
    if (!this.lab.account.iam.users.has(this.userName)) {
      throw new UnknownIdentity(
        `The user ${this.userName} does not exist yet. Deploy the stack identity first: npm run lab -- exec -- cdktf deploy identity keys dataplane`,
      );
    }
    this.deployedUser ??= MfaUser.enroll(environment, this.lab.bootstrap, this.userName);
    return this.deployedUser;
  }

  /**
   * Credentials of `bootstrap`, `user` (signed in with MFA), or a human role by its name with or without
   * prefix.
   *
   * @throws UnknownIdentity when there is no such identity
   */
  async credentials(as: string): Promise<Credentials> {
    if (as === BOOTSTRAP_USER) return this.lab.bootstrap;
    if (as === 'user' || as === this.userName) return (await this.user()).signIn();
    const role = HUMAN_ROLES.find((name) => name === as || this.names.of(name) === as);
    if (!role) throw new UnknownIdentity(`There is no identity ${as}. Known: ${BOOTSTRAP_USER}, user, ${HUMAN_ROLES.join(', ')}`);
    return (await this.user()).assume(this.roleArn(role), this.userName);
  }

  roleArn(role: HumanRole): string {
    return this.lab.account.iam.arn('role', '/', this.names.of(role));
  }
}
