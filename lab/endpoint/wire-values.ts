/** Members that carry bytes, by service: base64 on the wire. DynamoDB's stay text, dynalite reads them itself. */
const BLOBS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['kms', new Set(['Plaintext', 'CiphertextBlob'])],
  ['sqs', new Set(['BinaryValue'])],
  ['lambda', new Set(['ZipFile'])],
]);

/** Turns the JSON of a request into what operations take. */
export function fromWire(service: string, value: unknown): unknown {
  const blobs = BLOBS.get(service);
  return blobs ? convert(value, (name, text) => (blobs.has(name) ? Buffer.from(text, 'base64') : text)) : value;
}

function convert(value: unknown, text: (name: string, text: string) => unknown, name = ''): unknown {
  if (typeof value === 'string') return text(name, value);
  if (Array.isArray(value)) return value.map((element) => convert(element, text, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, convert(element, text, key)]));
}

/** Turns what operations answer into JSON: bytes as base64, times as the protocol has them. */
export function toWire(value: unknown, time: (date: Date) => unknown): unknown {
  if (value instanceof Date) return time(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((element) => toWire(element, time));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, element]) => element !== undefined)
      .map(([key, element]) => [key, toWire(element, time)]),
  );
}

/** Seconds since 1970, the time of the JSON protocols. */
export const epochSeconds = (date: Date) => date.getTime() / 1000;
