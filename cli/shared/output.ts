/** Where a command writes. */
export interface Output {
  /** Writes a line of the result to standard output. */
  print(line: string): void;
  /** Writes a line about the work to standard error, so that a result on standard output stays whole. */
  log(line: string): void;
}

/** The output of this process. */
export const processOutput: Output = {
  print: (line) => writeLine(process.stdout, line),
  log: (line) => writeLine(process.stderr, line),
};

function writeLine(stream: NodeJS.WriteStream, line: string): void {
  stream.write(`${line}\n`);
}

/**
 * Lets a command run to its end, with its own exit code, when the reader of its output has gone (`… | head`): what it
 * still writes is dropped. Every other failure to write ends the process.
 */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/**
 * Resolves when all that was written has left this process. `process.exit` alone cuts what a pipe has not taken yet.
 *
 * Source: https://nodejs.org/docs/latest-v20.x/api/process.html#processexitcode
 */
export async function flushOutput(): Promise<void> {
  // The callback also runs, with an error, when the stream has failed: nothing more leaves it then.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))));
}
