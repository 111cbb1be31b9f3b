import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Credentials, Lab } from '../../lab/lab';
import { toCredentials } from '../../proof/mfa-user';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** A lab with a folder of its own; both go with `stop`. */
export interface TestLab {
  readonly lab: Lab;
  readonly bootstrap: Clients;
  /** Makes a role that the bootstrap user may assume, and assumes it. */
  role(name: string, statements: readonly object[]): Promise<Clients>;
  clients(credentials: Credentials, endpoint?: string): Clients;
  advance(seconds: number): void;
  stop(): Promise<void>;
}

/** Real clients of one identity. */
export type Clients = ReturnType<typeof clientsOf>;

function clientsOf(endpoint: string, credentials: Credentials) {
  const config = { endpoint, region: REGION, credentials, maxAttempts: 1 };
  return {
    credentials,
    sts: new STSClient(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    sqs: new SQSClient(config),
    dynamodb: new DynamoDBClient(config),
    lambda: new LambdaClient(config),
    logs: new CloudWatchLogsClient(config),
    trail: new CloudTrailClient(config),
  };
}

export async function startLab(): Promise<TestLab> {
  const folder = mkdtempSync(path.join(tmpdir(), 'test-lab-'));
  const lab = await Lab.start({ region: REGION, folder });
  const clients = (credentials: Credentials, endpoint = lab.endpoint.url) => clientsOf(endpoint, credentials);
  const bootstrap = clients(lab.bootstrap);
  return {
    lab,
    bootstrap,
    clients,
    async role(name, statements) {
      const trust = {
        Version: '2012-10-17',
        Statement: [{ Sid: 'ByBootstrap', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/bootstrap` }, Action: 'sts:AssumeRole' }],
      };
      const { Role: role } = await bootstrap.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
      if (statements.length > 0) {
        const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
        await bootstrap.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }));
      }
      const answer = await bootstrap.sts.send(new AssumeRoleCommand({ RoleArn: role?.Arn, RoleSessionName: 'test' }));
      return clients(toCredentials(answer.Credentials));
    },
    advance: (seconds) => lab.account.clock.advance(seconds * 1000),
    async stop() {
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A key policy: the bootstrap user administers, and each further statement as given. */
export function keyPolicy(...statements: readonly object[]): string {
  const administration = {
    Sid: 'AdministrationByBootstrap',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/bootstrap` },
    Action: [
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'kms:PutKeyPolicy',
      'kms:EnableKey',
      'kms:DisableKey',
      'kms:ScheduleKeyDeletion',
      'kms:CancelKeyDeletion',
      'kms:TagResource',
    ],
    Resource: '*',
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [administration, ...statements] });
}

/** An Allow statement of a key policy. */
export const allow = (Sid: string, principal: string, Action: string | string[], StringEquals?: Record<string, string>) => ({
  Sid,
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:${principal}` },
  Action,
  Resource: '*',
  ...(StringEquals ? { Condition: { StringEquals } } : {}),
});
