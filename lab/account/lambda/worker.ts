import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { transformSync } from 'esbuild';
import { unpackPackage } from './package';
import { RunningTime } from './running-time';
import { type Result, type RuntimeMessage, readRuntimeMessage } from './runtime-messages';

/** What a worker runs. */
export interface WorkerOptions {
  /** A package that was checked when it was uploaded. */
  readonly zip: Uint8Array;
  /** The whole environment of the process; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets each line that the function writes. */
  readonly onLine: (line: string) => void;
}

/**
 * The most that a function may answer, in bytes.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_RESPONSE_BYTES = 6_291_556;

/** One execution environment: the unpacked package in a private folder, and a process that runs its handler. */
export class Worker {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly initialized: Promise<Result | undefined>;
  private finishInitialization: (failure?: Result) => void = () => {};
  private pending: { readonly id: string; readonly resolve: (result: Result) => void } | undefined;
  private ended = false;

  constructor(options: WorkerOptions) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'lab-lambda-'));
    const task = path.join(this.folder, 'task');
    unpackPackage(options.zip, task);
    const bootstrap = path.join(this.folder, 'bootstrap.cjs');
    writeFileSync(bootstrap, bootstrapCode());
    this.initialized = new Promise((resolve) => {
      this.finishInitialization = resolve;
    });
    this.child = fork(bootstrap, [], {
      cwd: this.folder,
      env: { ...options.environment, LAMBDA_TASK_ROOT: task },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      // Undefined, NaN and bytes survive the way here as they would not survive JSON, but Lambda speaks JSON.
      serialization: 'json',
    });
    for (const input of [this.child.stdout, this.child.stderr]) if (input) createInterface({ input }).on('line', options.onLine);
    this.child.on('message', (message: unknown) => this.receive(readRuntimeMessage(message)));
    this.child.on('error', (error) => this.end('Runtime.ExitError', `Runtime failed: ${error.message}`));
    this.child.on('exit', (code, signal) => this.end('Runtime.ExitError', `Runtime exited with ${signal ? `signal ${signal}` : `code ${code}`}`));
  }

  /** Whether it can take an invocation now. */
  get idle(): boolean {
    return !this.ended && this.pending === undefined;
  }

  get alive(): boolean {
    return !this.ended;
  }

  /** Process id; absent when the process could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Runs the handler once. After a timeout the process is gone. Starting the process is not part of the time.
   *
   * @param timeoutMs milliseconds that the function may run
   */
  async invoke(event: unknown, context: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<Result> {
    const id = randomUUID();
    const outcome = new Promise<Result>((resolve) => {
      this.pending = { id, resolve };
    });
    const failure = await this.initialized;
    if (failure) {
      this.settle(failure);
      return outcome;
    }
    const stopTimer = this.startTimer(timeoutMs);
    this.child.send({ id, event, context, deadline: Date.now() + timeoutMs }, (error) => {
      if (error) this.end('Runtime.ExitError', `Runtime failed: ${error.message}`);
    });
    return outcome.finally(stopTimer);
  }

  /** Ends the process and removes its folder. */
  stop(): void {
    this.ended = true;
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private receive(message: RuntimeMessage | undefined): void {
    if (message === undefined) return;
    if ('ready' in message) this.finishInitialization();
    else if ('initError' in message) this.finishInitialization({ error: message.initError });
    else if (message.id === this.pending?.id) this.settle('error' in message ? { error: message.error } : limited(message.result));
  }

  private startTimer(timeoutMs: number): () => void {
    const time = new RunningTime([process.pid, this.child.pid ?? process.pid]);
    let timer: NodeJS.Timeout;
    const check = () => {
      const left = timeoutMs - time.elapsed();
      if (left > 0) {
        timer = setTimeout(check, left);
        return;
      }
      this.settle({ error: { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds` } });
      this.stop();
    };
    timer = setTimeout(check, timeoutMs);
    return () => clearTimeout(timer);
  }

  private end(errorType: string, errorMessage: string): void {
    this.ended = true;
    this.finishInitialization({ error: { errorType, errorMessage } });
    this.settle({ error: { errorType, errorMessage } });
  }

  private settle(result: Result): void {
    const { pending } = this;
    this.pending = undefined;
    pending?.resolve(result);
  }
}

function limited(result: unknown): Result {
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '');
  if (bytes <= MAX_RESPONSE_BYTES) return { result };
  const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
  return { error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}

let compiledBootstrap: string | undefined;

/** The code of the child process, compiled once. */
function bootstrapCode(): string {
  compiledBootstrap ??= transformSync(readFileSync(path.join(__dirname, 'bootstrap.ts'), 'utf8'), { loader: 'ts', format: 'cjs' }).code;
  return compiledBootstrap;
}
