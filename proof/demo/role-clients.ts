import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, type AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Credentials, Lab } from '../../lab/lab';
import type { HumanRole } from '../../stacks/names';
import type { Identities } from '../identities';
import { toCredentials } from '../mfa-user';

/** Real AWS clients of one actor. */
export interface Actor {
  readonly sqs: SQSClient;
  readonly kms: KMSClient;
  readonly table: DynamoDBDocumentClient;
  readonly logs: CloudWatchLogsClient;
  readonly trail: CloudTrailClient;
}

/** The roles, as the signed-in user assumes them. */
export class RoleClients {
  private readonly actors = new Map<HumanRole, Actor>();

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
    this.actors.set(role, this.clients(toCredentials(answer.Credentials), endpoint.url));
    return answer;
  }

  /** The clients of a role that has joined. */
  as(role: HumanRole): Actor {
    const actor = this.actors.get(role);
    if (!actor) throw new Error(`${role} was not assumed`);
    return actor;
  }

  /** The same role through the door without TLS. */
  async withoutTls(role: HumanRole): Promise<Actor> {
    return this.clients(await this.identities.credentials(role), this.lab.plainEndpoint.url);
  }

  private clients(credentials: Credentials, endpoint: string): Actor {
    const config = { endpoint, region: this.lab.account.region, credentials, maxAttempts: 1 };
    return {
      sqs: new SQSClient(config),
      kms: new KMSClient(config),
      table: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
      logs: new CloudWatchLogsClient(config),
      trail: new CloudTrailClient(config),
    };
  }
}
