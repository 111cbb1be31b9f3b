import { isDeepStrictEqual } from 'node:util';
import { decode, ExtensionCodec, encode } from '@msgpack/msgpack';
import { z } from 'zod';

/** A value of Terraform that cannot be read. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** A value that Terraform does not know yet. */
class Unknown {}

/** The one unknown value. */
export const UNKNOWN: unknown = new Unknown();

/** Attributes and blocks of a resource, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A value as the plugin protocol carries it (`DynamicValue`): msgpack, or JSON where Terraform reads a state file. */
export interface WireValue {
  readonly msgpack?: Uint8Array | undefined;
  readonly json?: Uint8Array | undefined;
}

const objectOrNull = z.record(z.string(), z.unknown()).nullable();

// Source: docs/plugin-protocol/object-wire-format.md in hashicorp/terraform.
// Terraform writes an unknown value as extension 0, and one it knows something about as extension 12.
const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: 0, encode: (value) => (value instanceof Unknown ? new Uint8Array([0]) : null), decode: () => UNKNOWN });
extensionCodec.register({ type: 12, encode: () => null, decode: () => UNKNOWN });

/**
 * Reads a value; `null` stands for a resource that does not exist.
 *
 * @throws ValueError when it is neither an object nor null, or is not msgpack or JSON at all
 */
export function readValue(value: WireValue | null | undefined): Values | null {
  const parsed = objectOrNull.safeParse(decodeValue(value));
  if (!parsed.success) throw new ValueError('Terraform sent a value that is neither an object nor null');
  return parsed.data;
}

function decodeValue(value: WireValue | null | undefined): unknown {
  try {
    if (value?.json?.length) return JSON.parse(Buffer.from(value.json).toString());
    return value?.msgpack?.length ? decode(value.msgpack, { extensionCodec }) : null;
  } catch (error) {
    throw new ValueError(`Terraform sent a value that cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
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

/** The values with null wherever something is unknown: what is unknown at apply is for the resource to find out. */
export function withoutUnknowns(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, nullForUnknown(value)]));
}

function nullForUnknown(value: unknown): unknown {
  if (value instanceof Unknown) return null;
  if (Array.isArray(value)) return value.map(nullForUnknown);
  return isRecord(value) ? withoutUnknowns(value) : value;
}

/** Whether a value is an object of named members: a block, a map, an object. */
export function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown) && !(value instanceof Uint8Array);
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
    const left = a.map((element) => JSON.stringify(element)).sort();
    const right = b.map((element) => JSON.stringify(element)).sort();
    return !hasUnknown(a) && !hasUnknown(b) && isDeepStrictEqual(left, right);
  }
  return isDeepStrictEqual(a, b);
}
