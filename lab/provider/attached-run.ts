import type { Account } from '../account/account';
import type { Caller } from '../account/caller';
import type { Files } from './files';
import { type Attachment, Provider } from './provider';
import type { ProviderTypes } from './types';
import { WaitingProcess } from './waiting-process';

/** What the providers of a run work with. */
export interface AttachedRunOptions {
  readonly account: Account;
  /** The providers, each with its types. */
  readonly providers: readonly ProviderTypes[];
  /** In whose name they act. */
  readonly caller: Caller;
  readonly files: Files;
  /** Called once the run is detached. */
  readonly onDetach?: () => void;
}

/** Attached providers of one Terraform run. */
export class AttachedRun {
  private isDetached = false;
  private readonly started: Provider[] = [];
  private readonly attachments: Record<string, Attachment> = {};

  private constructor(
    private readonly options: AttachedRunOptions,
    private readonly waiting: WaitingProcess,
  ) {}

  /**
   * Starts providers, which serve until the run is detached. When its waiting process is ended, the run is detached by
   * itself: Terraform cancels the requests of a provider whose process has ended.
   *
   * @throws Error when no process can be started or no port can be had
   * @example
   * const run = await AttachedRun.start({ account, providers: [awsTypes], caller, files });
   * spawn('terraform', ['plan'], { env: { ...process.env, TF_REATTACH_PROVIDERS: run.reattach } });
   */
  static async start(options: AttachedRunOptions): Promise<AttachedRun> {
    const run = new AttachedRun(options, await WaitingProcess.start());
    try {
      for (const types of options.providers) await run.startProvider(types);
    } catch (error) {
      run.detach();
      throw error;
    }
    run.waiting.onEnd(() => run.detach());
    return run;
  }

  /** The value of TF_REATTACH_PROVIDERS: the attachment of each provider, by its address. */
  get reattach(): string {
    return JSON.stringify(this.attachments);
  }

  /** Stops the providers; again does nothing. */
  detach(): void {
    if (this.isDetached) return;
    this.isDetached = true;
    for (const provider of this.started) provider.stop();
    this.waiting.stop();
    this.options.onDetach?.();
  }

  private async startProvider(types: ProviderTypes): Promise<void> {
    const { account, caller, files } = this.options;
    const { provider, attachment } = await Provider.start({ account, types, caller, files, pid: this.waiting.pid });
    this.started.push(provider);
    this.attachments[types.address] = attachment;
  }
}
