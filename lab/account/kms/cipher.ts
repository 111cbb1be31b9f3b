import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Additional authenticated data of a KMS operation. */
export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Version, key id, number of the backing key. */
const HEADER_BYTES = 1 + 16 + 2;

/** What the clear, authenticated header of a ciphertext says. */
export interface Header {
  readonly keyId: string;
  /** Which of the key's backing keys, counted from 0 through its rotations. */
  readonly backingKey: number;
}

/**
 * Encrypts with AES-256-GCM; header and encryption context are authenticated.
 * Source: https://docs.aws.amazon.com/kms/latest/cryptographic-details/customer-data-operations.html
 */
export function encrypt(header: Header, secret: Buffer, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const iv = randomBytes(IV_BYTES);
  const head = Buffer.concat([Buffer.of(VERSION), Buffer.from(header.keyId.replaceAll('-', ''), 'hex'), Buffer.alloc(2)]);
  head.writeUInt16BE(header.backingKey, HEADER_BYTES - 2);
  const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.concat([head, canonical(context)]));
  return Buffer.concat([head, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Reads the header of a ciphertext; `undefined` when it is none of ours. */
export function readHeader(ciphertext: Uint8Array): Header | undefined {
  const blob = Buffer.from(ciphertext);
  if (blob.length < HEADER_BYTES + IV_BYTES + TAG_BYTES || blob[0] !== VERSION) return undefined;
  const hex = blob.subarray(1, 17).toString('hex');
  return { keyId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), backingKey: blob.readUInt16BE(HEADER_BYTES - 2) };
}

/** Decrypts; `undefined` when ciphertext, key or context is not the right one. */
export function decrypt(ciphertext: Uint8Array, secret: Buffer, context: EncryptionContext): Buffer | undefined {
  const blob = Buffer.from(ciphertext);
  const head = blob.subarray(0, HEADER_BYTES);
  const iv = blob.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', secret, iv)
    .setAAD(Buffer.concat([head, canonical(context)]))
    .setAuthTag(blob.subarray(blob.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(blob.subarray(HEADER_BYTES + IV_BYTES, blob.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The order in which the pairs were given does not matter. */
function canonical(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}
