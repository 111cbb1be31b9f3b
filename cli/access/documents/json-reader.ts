import { Tokenizer, TokenParser } from '@streamparser/json';
import { UserError } from '../../shared/user-error';
import { KEPT, leaveOut, reducedTo } from './members';
import { SharedStrings } from './shared-strings';

/** Bytes at the start of a file that is something else than JSON in UTF-8. */
const OTHER_FORMATS: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0xff, 0xfe], 'text in UTF-16, as > of PowerShell 5 writes it. Write it as UTF-8: terraform show -json PLAN | Out-File -Encoding utf8 FILE'],
  [[0xfe, 0xff], 'text in UTF-16. Write it as UTF-8'],
  [[0x7b, 0x00], 'text in UTF-16 or UTF-32. Write it as UTF-8'],
  [[0x00], 'text in UTF-16 or UTF-32, or no text. Write it as UTF-8'],
  [[0x50, 0x4b, 0x03, 0x04], 'the plan itself, as terraform plan -out writes it. Its JSON: terraform show -json PLAN'],
];

/**
 * Reads one JSON value piece by piece, and keeps of it what {@link KEPT} says, so that memory follows what is kept instead
 * of what is read. The result is the same however the input is cut into pieces.
 *
 * @example
 * const reader = new JsonReader('plan.json');
 * for await (const chunk of createReadStream('plan.json')) reader.write(chunk);
 * const document = reader.end();
 */
export class JsonReader {
  private readonly tokenizer = new Tokenizer({ stringBufferSize: 64 * 1024 });
  private readonly parser = new TokenParser();
  private readonly strings = new SharedStrings();
  private value: unknown;
  private isComplete = false;
  private isEmpty = true;
  /** Where the last token begins, in bytes. */
  private offset = 0;

  /** @param source how errors call what is read */
  constructor(private readonly source: string) {
    this.tokenizer.onToken = (token) => {
      this.offset = token.offset;
      this.parser.write(token);
    };
    this.parser.onValue = ({ value, key, parent, stack }) => {
      if (stack.length === 0) {
        this.value = reducedTo(KEPT, value);
        this.isComplete = true;
        return;
      }
      // The stack begins with the value at the top, which has no key.
      const path = stack.map((_, level) => stack[level + 1]?.key ?? key ?? '');
      leaveOut(value, path, parent as unknown[] | Record<string, unknown>, this.strings);
    };
  }

  /**
   * Takes the next piece.
   *
   * @throws UserError when it is not JSON
   */
  write(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.isEmpty) this.refuseOtherFormats(chunk);
    this.isEmpty = false;
    this.attempt(() => this.tokenizer.write(chunk));
  }

  /**
   * Ends the input.
   *
   * @returns what is kept
   * @throws UserError when the input is empty, or ends before the value does
   */
  end(): unknown {
    if (this.isEmpty) throw new UserError(`${this.source} is empty: make it by terraform show -json`);
    const cutOff = `${this.source} is not JSON: it ends after byte ${this.offset}, before its value does. Was it cut off?`;
    // A number at the top level ends with the input only.
    if (!this.isComplete) this.attempt(() => this.tokenizer.end(), cutOff);
    if (!this.isComplete) throw new UserError(cutOff);
    return this.value;
  }

  private refuseOtherFormats(chunk: Uint8Array): void {
    const other = OTHER_FORMATS.find(([bytes]) => bytes.every((byte, index) => chunk[index] === byte));
    if (other) throw new UserError(`${this.source} is ${other[1]}`);
  }

  private attempt(read: () => void, message?: string): void {
    try {
      read();
    } catch (cause) {
      throw new UserError(message ?? `${this.source} is not JSON: what comes after byte ${this.offset} cannot be read`, { cause });
    }
  }
}
