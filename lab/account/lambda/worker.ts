import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Duplex, type Readable } from 'node:stream';
import { transformSync } from 'esbuild';
import { forEachLine } from './lines';
import { type ChildMessage, parseMessage } from './messages';
import { readPackage } from './package';

/** How one invocation ended. */
export type Result =
  | { readonly result: unknown }
  | { readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace?: readonly string[] } };

/** What a worker runs. */
export interface WorkerOptions {
  readonly zip: Buffer;
  /** The whole environment of the process; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets each line that the function writes; the next is read when it has settled. */
  readonly onLine: (line: string) => void | Promise<void>;
  /** Gets what went wrong without ending anything: a folder that cannot be removed. */
  readonly onFault: (error: unknown) => void;
}

/** How long an invocation may take. */
export interface TimeLimit {
  /** The function's timeout in milliseconds. */
  readonly timeoutMs: number;
  /** Real milliseconds that one millisecond of the timeout lasts. */
  readonly timeScale: number;
}

interface Pending {
  readonly id: string;
  readonly limit: TimeLimit;
  /** Outputs that have not yet reached the end of this invocation. */
  readonly open: Set<Readable>;
  result?: Result;
  timer?: NodeJS.Timeout;
  readonly resolve: (result: Result) => void;
}

/** Lambda keeps log events of up to 256 KB. */
const MAX_LINE = 256 * 1024;
/** A response has up to 6 MB, in JSON of JSON. */
const MAX_MESSAGE = 16 * 1024 * 1024;
/** Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (init phase). */
const INIT_MS = 10_000;

/** One execution environment: the unpacked package in a private folder, and a process that runs its handler. */
export class Worker {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly channel: Duplex;
  private readonly initialized: Promise<Result | undefined>;
  private finishInit: (failure: Result | undefined) => void = () => undefined;
  private pending: Pending | undefined;
  private ended = false;
  private exited = false;

  constructor(private readonly options: WorkerOptions) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'lab-lambda-'));
    this.initialized = new Promise((resolve) => {
      this.finishInit = resolve;
    });
    try {
      const bootstrap = this.unpack();
      this.child = spawn(process.execPath, [bootstrap], {
        cwd: this.folder,
        env: { ...options.environment, LAMBDA_TASK_ROOT: path.join(this.folder, 'task') },
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        // A process group of its own: what the function starts ends with it.
        detached: true,
      });
      // Before anything else: an error that nobody listens for would end the account.
      this.child.once('error', (error) => this.onExit(`error ${error.message}`));
      this.channel = channelOf(this.child);
    } catch (error) {
      this.removeFolder();
      throw error;
    }
    this.listen();
  }

  /** Whether it can take an invocation now. */
  get idle(): boolean {
    return !this.ended && this.pending === undefined;
  }

  get alive(): boolean {
    return !this.ended;
  }

  /** The process, while there is one. */
  get pid(): number | undefined {
    return this.ended ? undefined : this.child.pid;
  }

  /** Runs the handler once. After a timeout the process is gone. */
  async invoke(event: unknown, context: Readonly<Record<string, unknown>>, limit: TimeLimit): Promise<Result> {
    const id = randomUUID();
    // What cannot be told to the process must not occupy it.
    const message = `${JSON.stringify({ id, event, context, ...limit })}\n`;
    const outcome = new Promise<Result>((resolve) => {
      this.pending = { id, limit, resolve, open: new Set(this.outputs().filter((stream) => !stream.readableEnded)) };
    });
    // Initialization has a limit of its own and is no part of the function's time.
    this.startTimer(Math.max(INIT_MS, limit.timeoutMs), limit.timeScale);
    const failure = await this.initialized;
    if (failure) {
      this.finish(failure);
      this.stop();
    } else if (!this.ended) {
      this.channel.write(message);
    }
    return outcome;
  }

  /** Ends the process with everything that it started, and removes its folder. */
  stop(): void {
    this.kill();
    this.finishInit(exited('signal SIGKILL'));
    this.finish(exited('signal SIGKILL'));
    this.removeFolder();
  }

  private listen(): void {
    const { child } = this;
    for (const stream of this.outputs()) {
      // A stream that breaks has ended.
      forEachLine(stream, MAX_LINE, (line) => this.onOutput(stream, line))
        .catch(() => undefined)
        .finally(() => this.outputEnded(stream));
    }
    this.channel.on('error', () => this.kill());
    // Without its channel the process is of no use.
    forEachLine(this.channel, MAX_MESSAGE, (line) => this.onMessage(parseMessage(line)))
      .catch(() => undefined)
      .finally(() => this.kill());
    child.once('exit', (code, signal) => this.onExit(signal ? `signal ${signal}` : `code ${code}`));
  }

  private onExit(how: string): void {
    this.kill();
    this.exited = true;
    this.finishInit(exited(how));
    this.complete(exited(how));
    this.removeFolder();
  }

  /** Messages that are none, or of another invocation, are the function's own doing, and without effect. */
  private onMessage(message: ChildMessage | undefined): void {
    if (message?.type === 'ready') this.finishInit(undefined);
    else if (message?.type === 'init-error') this.finishInit({ error: message.error });
    if (!message || !('id' in message) || message.id !== this.pending?.id) return;
    if (message.type === 'started') this.startTimer(this.pending.limit.timeoutMs, this.pending.limit.timeScale);
    else this.complete(message.type === 'result' ? { result: message.result } : { error: message.error });
  }

  private async onOutput(stream: Readable, line: string): Promise<void> {
    const end = `\u0000${this.pending?.id}`;
    const ends = line.endsWith(end);
    const text = ends ? line.slice(0, -end.length) : line;
    if (text !== '' || !ends) await this.options.onLine(text);
    if (ends) this.outputEnded(stream);
  }

  private outputEnded(stream: Readable): void {
    this.pending?.open.delete(stream);
    if (this.pending?.result) this.complete(this.pending.result);
  }

  /** The result counts once all that the function wrote before it has been read. */
  private complete(result: Result): void {
    if (!this.pending) return;
    this.pending.result ??= result;
    if (this.pending.open.size === 0) this.finish(this.pending.result);
  }

  private finish(result: Result): void {
    const { pending } = this;
    this.pending = undefined;
    clearTimeout(pending?.timer);
    pending?.resolve(pending.result ?? result);
  }

  /**
   * The timer measures real time, generously: a machine that is busy makes a function slow, and a message whose function is
   * slow must not end in the dead-letter queue for it. A function that hangs is ended later than on Lambda, but it is ended.
   */
  private startTimer(ms: number, scale: number): void {
    const { pending } = this;
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => {
      this.finish({ error: { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${(ms / 1000).toFixed(2)} seconds` } });
      this.stop();
    }, ms * scale);
  }

  private outputs(): Readable[] {
    return [this.child.stdout, this.child.stderr].filter((stream) => stream !== null);
  }

  private kill(): void {
    this.ended = true;
    // The id of a process that has ended may be another's by now.
    if (this.exited) return;
    const { pid } = this.child;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // All of them have ended already.
    }
  }

  private unpack(): string {
    const task = path.join(this.folder, 'task');
    mkdirSync(task);
    for (const { name, content } of readPackage(this.options.zip)) {
      const file = path.join(task, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content());
    }
    const bootstrap = path.join(this.folder, 'bootstrap.cjs');
    const source = readFileSync(path.join(__dirname, 'bootstrap.ts'), 'utf8');
    writeFileSync(bootstrap, transformSync(source, { loader: 'ts', format: 'cjs', supported: { 'dynamic-import': true } }).code);
    return bootstrap;
  }

  /** The function can make what cannot be removed, e.g. a path that is too long. */
  private removeFolder(): void {
    try {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      this.options.onFault(error);
    }
  }
}

function channelOf(child: ChildProcess): Duplex {
  // Without a process there are no streams either, whatever their type says.
  if (child.pid === undefined) throw new Error('No process could be started for the function');
  const [, , , channel] = child.stdio;
  if (channel instanceof Duplex) return channel;
  throw new TypeError('The process of the function has no channel');
}

const exited = (how: string): Result => ({ error: { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with ${how}` } });
