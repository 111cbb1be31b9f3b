import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Reads a stream of a function line by line and reads no further before each line is dealt with, so that a function that
 * writes faster than its lines are stored waits. Unlike `node:readline` it bounds the length of a line: what is longer
 * arrives in pieces.
 *
 * @param maxLength characters
 */
export function forEachLine(stream: Readable, maxLength: number, onLine: (line: string) => void | Promise<void>): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const read = async () => {
    let rest = '';
    for await (const chunk of stream) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) await onLine(line);
      if (rest.length > maxLength) {
        await onLine(rest);
        rest = '';
      }
    }
    if (rest) await onLine(rest);
  };
  return read();
}
