/** Readers of the values that condition operators compare. Each answers `undefined` when the text is not of its type. */

/** A decimal number. */
export function readNumber(text: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : undefined;
}

/** A W3C profile of ISO 8601, or seconds since 1970; as milliseconds. */
export function readDate(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?)?)?$/i.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** `true` or `false`, in any case. */
export function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** An address block; `bits` is how much of `address` counts. */
export interface AddressBlock {
  /** Version of the Internet Protocol. */
  readonly family: 4 | 6;
  readonly address: bigint;
  readonly bits: number;
}

/** An IPv4 or IPv6 address, with or without a prefix length. */
export function readAddressBlock(text: string): AddressBlock | undefined {
  const [address = '', prefix, extra] = text.split('/');
  if (extra !== undefined || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined;
  const family = address.includes(':') ? 6 : 4;
  const width = family === 4 ? 32 : 128;
  const number = family === 4 ? readIpv4(address) : readIpv6(address);
  const bits = prefix === undefined ? width : Number(prefix);
  return number === undefined || bits > width ? undefined : { family, address: number, bits };
}

/** Whether a single address lies in a block. */
export function inBlock(address: AddressBlock, block: AddressBlock): boolean {
  if (address.family !== block.family) return false;
  const shift = BigInt((block.family === 4 ? 32 : 128) - block.bits);
  return address.address >> shift === block.address >> shift;
}

function readIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let number = 0n;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    number = (number << 8n) | BigInt(part);
  }
  return number;
}

function readIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string | undefined) => (half ? half.split(':') : []);
  const head = groups(halves[0]);
  const tail = groups(halves[1]);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let number = 0n;
  for (const group of [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    number = (number << 16n) | BigInt(`0x${group}`);
  }
  return number;
}
