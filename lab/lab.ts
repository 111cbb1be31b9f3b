import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Account } from './account/account';
import type { Caller } from './account/caller';
import type { RawRequest } from './endpoint/authenticate';
import { Endpoint } from './endpoint/endpoint';
import type { Answer } from './endpoint/protocol';
import { Files } from './provider/files';
import { type Attachment, Provider } from './provider/provider';
import { archiveTypes, awsTypes } from './provider/types';
import { terraformFolders } from './terraform-folders';

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

/** Attached providers of one Terraform run. */
export interface AttachedRun {
  /** The value of TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  detach(): void;
}

/** The user of the account that exists before anything is deployed, with all permissions of IAM. */
export const BOOTSTRAP_USER = 'bootstrap';

/** An AWS account with its two front doors, ready for Terraform and for AWS clients. */
export class Lab {
  private readonly runs = new Set<AttachedRun>();

  private constructor(
    readonly account: Account,
    readonly endpoint: Endpoint,
    /** A door for callers without TLS: `aws:SecureTransport` is false there. */
    readonly plainEndpoint: Endpoint,
    readonly bootstrap: Credentials,
    readonly folder: string,
  ) {}

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

  /** Starts providers that act as the holder of an access key. */
  async attach(accessKeyId: string, folders: readonly string[]): Promise<AttachedRun> {
    const caller = this.account.sts.find(accessKeyId)?.caller;
    if (!caller) throw new Error(`The access key ${accessKeyId} is not of this lab`);
    const files = new Files(() => terraformFolders(folders));
    const started = await Promise.all([awsTypes, archiveTypes].map((types) => this.startProvider(types, caller, files)));
    const run: AttachedRun = {
      reattach: JSON.stringify(Object.fromEntries(started.map(({ address, attachment }) => [address, attachment]))),
      detach: () => {
        for (const { provider } of started) provider.stop();
        this.runs.delete(run);
      },
    };
    this.runs.add(run);
    return run;
  }

  async stop(): Promise<void> {
    for (const run of this.runs) run.detach();
    await this.account.close();
    await Promise.all([this.endpoint.stop(), this.plainEndpoint.stop()]);
  }

  private async startProvider(types: typeof awsTypes, caller: Caller, files: Files): Promise<{ address: string; provider: Provider; attachment: Attachment }> {
    return { address: types.address, ...(await Provider.start({ account: this.account, types, caller, files })) };
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
