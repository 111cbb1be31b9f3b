import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Account } from './account/account';
import type { RawRequest } from './endpoint/authenticate';
import { Endpoint } from './endpoint/endpoint';
import type { Answer } from './endpoint/protocol';
import { AttachedRun } from './provider/attached-run';
import { Files } from './provider/files';
import { archiveTypes, awsTypes } from './provider/types';
import { terraformFolders } from './terraform-folders';

export type { AttachedRun };

/** Credentials as the AWS SDKs take them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a lab is made with. */
export interface LabOptions {
  readonly region: string;
  /** A private folder for the states of Terraform; made when missing. */
  readonly folder: string;
  /** Port of the endpoint; any free one by default. */
  readonly port?: number;
  /** Answers requests that control the lab, see cli/lab/control.ts. */
  readonly control?: (request: RawRequest, lab: Lab) => Promise<Answer>;
}

/** The user of the account that exists before anything is deployed, with all permissions of IAM. */
export const BOOTSTRAP_USER = 'bootstrap';

/**
 * An AWS account with its two entry points, ready for Terraform and for AWS clients.
 *
 * @example
 * const lab = await Lab.start({ region: 'eu-west-1', folder: '.lab' });
 * const sqs = new SQSClient({ endpoint: lab.endpoint.url, region: 'eu-west-1', credentials: lab.bootstrap });
 */
export class Lab {
  private readonly runs = new Set<AttachedRun>();

  private constructor(
    readonly account: Account,
    readonly endpoint: Endpoint,
    /** The entry point for callers without TLS: `aws:SecureTransport` is false there. */
    readonly plainEndpoint: Endpoint,
    readonly bootstrap: Credentials,
    readonly folder: string,
  ) {}

  /**
   * Makes the account with its bootstrap user, and listens on loopback.
   *
   * @throws Error when the folder cannot be made or the port is taken
   */
  static async start(options: LabOptions): Promise<Lab> {
    mkdirSync(options.folder, { recursive: true });
    chmodSync(options.folder, 0o700);
    const account = new Account({ region: options.region });
    const { control } = options;
    const endpoint = await Endpoint.start(account, {
      port: options.port,
      control: control && ((request) => control(request, lab)),
    });
    const plainEndpoint = await Endpoint.start(account, { secureTransport: false });
    const lab: Lab = new Lab(account, endpoint, plainEndpoint, await makeBootstrapUser(account), options.folder);
    return lab;
  }

  /** Where Terraform keeps the states of this lab's deployments. */
  get stateFolder(): string {
    return path.join(this.folder, 'state');
  }

  /**
   * Starts providers that act as the holder of an access key, and serve until the run is detached.
   *
   * @param folders absolute paths of the folders in which Terraform may run
   * @throws Error when the access key is not of this lab
   * @example
   * const run = await lab.attach(lab.bootstrap.accessKeyId, [process.cwd()]);
   * spawn('terraform', ['plan'], { env: { ...process.env, TF_REATTACH_PROVIDERS: run.reattach } });
   */
  async attach(accessKeyId: string, folders: readonly string[]): Promise<AttachedRun> {
    const caller = this.account.sts.find(accessKeyId)?.caller;
    if (!caller) throw new Error(`The access key ${accessKeyId} is not of this lab`);
    const files = new Files(() => terraformFolders(folders));
    const onDetach = () => this.runs.delete(run);
    const run: AttachedRun = await AttachedRun.start({ account: this.account, providers: [awsTypes, archiveTypes], caller, files, onDetach });
    this.runs.add(run);
    return run;
  }

  /** Detaches all runs and ends the account. */
  async stop(): Promise<void> {
    for (const run of this.runs) run.detach();
    await this.account.close();
    await Promise.all([this.endpoint.stop(), this.plainEndpoint.stop()]);
  }
}

async function makeBootstrapUser(account: Account): Promise<Credentials> {
  const { iam } = account;
  const root = account.call(account.sts.rootCredentials().caller);
  await account.perform(iam.operations.CreateUser, { UserName: BOOTSTRAP_USER }, root);
  const everything = { Version: '2012-10-17', Statement: [{ Sid: 'EverythingForBootstrap', Effect: 'Allow', Action: '*', Resource: '*' }] };
  await account.perform(iam.operations.PutUserPolicy, { UserName: BOOTSTRAP_USER, PolicyName: 'Everything', PolicyDocument: JSON.stringify(everything) }, root);
  const { AccessKey: key } = await account.perform(iam.operations.CreateAccessKey, { UserName: BOOTSTRAP_USER }, root);
  return { accessKeyId: String(key.AccessKeyId), secretAccessKey: String(key.SecretAccessKey) };
}
