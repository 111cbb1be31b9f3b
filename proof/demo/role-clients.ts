import { AssumeRoleCommand, type AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import type { Credentials, Lab } from '../../lab/lab';
import type { HumanRole } from '../../stacks/names';
import { actorWith } from '../actors';
import { Clients } from '../clients';
import type { Identities } from '../identities';
import { toCredentials } from '../mfa-user';

/** The clients of roles, as the signed-in user assumes them. */
export class RoleClients {
  private readonly clients = new Map<HumanRole, Clients>();

  constructor(
    private readonly lab: Lab,
    private readonly identities: Identities,
  ) {}

  /** Assumes a role from the user's session. @returns the answer of STS */
  async assume(role: HumanRole): Promise<AssumeRoleCommandOutput> {
    const { endpoint, account } = this.lab;
    const user = await this.identities.user();
    const sts = new STSClient({ endpoint: endpoint.url, region: account.region, credentials: await user.signIn() });
    const answer = await sts.send(new AssumeRoleCommand({ RoleArn: this.identities.roleArn(role), RoleSessionName: 'proof' }));
    this.clients.set(role, this.clientsWith(toCredentials(answer.Credentials)));
    return answer;
  }

  /**
   * The clients of a role.
   *
   * @throws Error when it was not assumed
   */
  as(role: HumanRole): Clients {
    const clients = this.clients.get(role);
    if (!clients) throw new Error(`${role} was not assumed`);
    return clients;
  }

  private clientsWith(credentials: Credentials): Clients {
    return new Clients(this.lab, actorWith(credentials, this.lab.account));
  }
}
