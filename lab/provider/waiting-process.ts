import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A child process that does nothing but wait. Terraform ends the process that TF_REATTACH_PROVIDERS names when the
 * provider's address no longer listens, so that value must not name the lab's own process: it names one of these.
 *
 * It ends with the lab too, however the lab ends: `cat` reads a pipe that only the lab holds open.
 *
 * Source: hashicorp/go-plugin, internal/cmdrunner/cmd_reattach.go (`net.Dial` fails, then `p.Kill()`), and client.go:
 * with `Test` no process is ended when a run is over, but once this one has ended (asked every second), Terraform cancels
 * the requests that are under way. It must therefore live as long as the providers are attached.
 */
export class WaitingProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** The process id, for TF_REATTACH_PROVIDERS. */
    readonly pid: number,
  ) {}

  /**
   * Starts one.
   *
   * @throws Error when no process can be started
   */
  static async start(): Promise<WaitingProcess> {
    // In a process group of its own: an interrupt from the terminal reaches Terraform, which then needs its providers to
    // finish what it began.
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    // `once` tells that it could not be started; a pipe without a reader is told by `exit`.
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error('A process that was started has no id');
    return new WaitingProcess(child, child.pid);
  }

  /** Calls a listener once the process has ended, by `stop` or by anybody else; soon, when it has ended already. */
  onEnd(listener: () => void): void {
    if (this.hasEnded) setImmediate(listener);
    else this.child.once('exit', listener);
  }

  /** Ends it; that it has ended already is no error. */
  stop(): void {
    this.child.stdin?.destroy();
    if (!this.hasEnded) this.child.kill('SIGKILL');
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
