import { isDeepStrictEqual } from 'node:util';
import { decode, ExtensionCodec, encode } from '@msgpack/msgpack';

/** A value that Terraform does not know yet. */
class Unknown {}

/** The one unknown value. */
export const UNKNOWN: unknown = new Unknown();

/** Attributes and blocks of a resource, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A value as the plugin protocol carries it. */
export interface WireValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

// Terraform writes an unknown value as extension 0, and one it knows something about as extension 12.
const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: 0, encode: (value) => (value instanceof Unknown ? new Uint8Array([0]) : null), decode: () => UNKNOWN });
extensionCodec.register({ type: 12, encode: () => null, decode: () => UNKNOWN });

/** Reads a value; `null` stands for a resource that does not exist. */
export function readValue(value: WireValue | null | undefined): Values | null {
  if (value?.json?.length) return JSON.parse(Buffer.from(value.json).toString()) as Values | null;
  return value?.msgpack?.length ? (decode(value.msgpack, { extensionCodec }) as Values | null) : null;
}

/** Writes a value. */
export function writeValue(value: unknown): WireValue {
  return { msgpack: Buffer.from(encode(value, { extensionCodec })) };
}

/** Whether a value, or a part of it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnknown);
}

/** Whether a value is null, or the zero value that the plugin SDK takes for null. */
export function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && !(value instanceof Unknown) && Object.keys(value).length === 0;
}

/** Whether two values are the same; sets compare without order. */
export function sameValue(a: unknown, b: unknown, isSet = false): boolean {
  if (isSet && Array.isArray(a) && Array.isArray(b)) {
    const left = a.map((one) => JSON.stringify(one)).sort();
    const right = b.map((one) => JSON.stringify(one)).sort();
    return !hasUnknown(a) && !hasUnknown(b) && isDeepStrictEqual(left, right);
  }
  return isDeepStrictEqual(a, b);
}
