import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { unzipSync } from 'fflate';

/** How one invocation ended. */
export type Result =
  | { readonly result: unknown }
  | { readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace?: string[] } };

/** What a worker runs. */
export interface WorkerOptions {
  readonly zip: Buffer;
  /** The whole environment of the process; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets each line that the function writes. */
  readonly onLine: (line: string) => void;
}

/** One execution environment: the unpacked package in a private folder, and a process that runs its handler. */
export class Worker {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly ready: Promise<void>;
  private pending: { readonly id: string; readonly resolve: (result: Result) => void } | undefined;
  private ended = false;

  constructor(options: WorkerOptions) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'lab-lambda-'));
    const task = path.join(this.folder, 'task');
    unpack(options.zip, task);
    const bootstrap = path.join(this.folder, 'bootstrap.cjs');
    const source = readFileSync(path.join(__dirname, 'bootstrap.ts'), 'utf8');
    writeFileSync(bootstrap, transformSync(source, { loader: 'ts', format: 'cjs' }).code);
    this.child = fork(bootstrap, [], {
      cwd: this.folder,
      env: { ...options.environment, LAMBDA_TASK_ROOT: task },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      // Undefined, NaN and bytes survive the way here as they would not survive JSON, but Lambda speaks JSON.
      serialization: 'json',
    });
    for (const stream of [this.child.stdout, this.child.stderr]) forEachLine(stream, options.onLine);
    this.ready = new Promise((resolve, reject) => {
      this.child.once('message', () => resolve());
      this.child.once('exit', () => reject(new Error('Runtime exited during init')));
    });
    this.ready.catch(() => undefined);
    this.child.on('message', (message: { id?: string } & Result) => {
      if (message.id !== undefined && message.id === this.pending?.id) this.settle(message);
    });
    this.child.on('exit', (code, signal) => {
      this.ended = true;
      this.settle({ error: { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with ${signal ? `signal ${signal}` : `code ${code}`}` } });
    });
  }

  /** Whether it can take an invocation now. */
  get idle(): boolean {
    return !this.ended && this.pending === undefined;
  }

  get alive(): boolean {
    return !this.ended;
  }

  /** Runs the handler once. After a timeout the process is gone. */
  async invoke(event: unknown, context: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<Result> {
    const id = randomUUID();
    const outcome = new Promise<Result>((resolve) => {
      this.pending = { id, resolve };
    });
    try {
      await this.ready;
    } catch (error) {
      this.settle({ error: { errorType: 'Runtime.InitError', errorMessage: (error as Error).message } });
      return outcome;
    }
    const timer = setTimeout(() => {
      this.settle({ error: { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds` } });
      this.stop();
    }, timeoutMs);
    this.child.send({ id, event, context, deadline: Date.now() + timeoutMs });
    return outcome.finally(() => clearTimeout(timer));
  }

  /** Ends the process and removes its folder. */
  stop(): void {
    this.ended = true;
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private settle(result: Result): void {
    const { pending } = this;
    this.pending = undefined;
    pending?.resolve(result);
  }
}

function unpack(zip: Buffer, folder: string): void {
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const file = path.resolve(folder, name);
    if (!file.startsWith(folder + path.sep)) throw new Error(`The package has an entry outside of itself: ${name}`);
    if (name.endsWith('/')) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function forEachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream?.on('end', () => {
    if (rest) onLine(rest);
  });
}
