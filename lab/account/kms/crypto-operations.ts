import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type {
  DecryptRequest,
  DecryptResponse,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyPairRequest,
  GenerateDataKeyPairResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  ReEncryptRequest,
  ReEncryptResponse,
} from '@aws-sdk/client-kms';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { decrypt, encrypt, readHeader } from './cipher';
import { contextKeys } from './context-keys';
import { type Key, requireState } from './key';
import type { KeyStore } from './key-store';
import { refuseMembers } from './refuse-members';

const operation = operationsOf('kms', ['KeyId']);

const MAX_PLAINTEXT_BYTES = 4096;
const MAX_CIPHERTEXT_BYTES = 6144;
const UNSUPPORTED = ['GrantTokens', 'DryRun', 'Recipient', 'EncryptionAlgorithm'];

/** The cryptographic operations. */
export function cryptoOperations(kms: KeyStore) {
  const seal = (key: Key, plaintext: Uint8Array, context: Record<string, string>) => {
    const backingKey = key.backingKeys.length - 1;
    return encrypt({ keyId: key.id, backingKey }, key.backingKeys[backingKey] as Buffer, plaintext, context);
  };
  const describe = (
    keyOf: (input: { KeyId?: string; CiphertextBlob?: Uint8Array }) => Key,
    input: { KeyId?: string; EncryptionContext?: Record<string, string> },
  ) => {
    const known = () => {
      try {
        return [{ type: 'AWS::KMS::Key', arn: keyOf(input).arn }];
      } catch {
        return [];
      }
    };
    return { parameters: { keyId: input.KeyId, encryptionContext: input.EncryptionContext, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' }, resources: known() };
  };
  const byReference = (input: { KeyId?: string }) => kms.find(input.KeyId);
  // A ciphertext names its key; KeyId is optional and then only compared.
  const byCiphertext = (input: { CiphertextBlob?: Uint8Array }) => {
    const blob = input.CiphertextBlob ?? new Uint8Array();
    const header = blob.length > MAX_CIPHERTEXT_BYTES ? undefined : readHeader(blob);
    if (!header) throw new ServiceError('InvalidCiphertextException', '');
    return kms.find(header.keyId);
  };
  const byReferenceTarget = (input: { KeyId?: string; EncryptionContext?: Record<string, string> }) => {
    refuseMembers('the operation', input, UNSUPPORTED);
    return kms.target(byReference(input), contextKeys(input.EncryptionContext ?? {}));
  };
  const onKey = <I extends { KeyId: string | undefined; EncryptionContext?: Record<string, string> }, O>(name: string, run: (key: Key, input: I) => O) =>
    operation<I, O>(name, {
      event: 'read',
      target: byReferenceTarget,
      describe: (input) => describe(byReference, input),
      run: (input) => {
        const key = byReference(input);
        requireState(key, 'usable');
        return run(key, input);
      },
    });
  return {
    Encrypt: onKey<EncryptRequest, EncryptResponse>('Encrypt', (key, input) => {
      const plaintext = input.Plaintext ?? new Uint8Array();
      if (plaintext.length < 1 || plaintext.length > MAX_PLAINTEXT_BYTES) {
        throw new ServiceError(
          'ValidationException',
          `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and ${MAX_PLAINTEXT_BYTES}`,
        );
      }
      return { CiphertextBlob: seal(key, plaintext, input.EncryptionContext ?? {}), KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    }),
    Decrypt: operation<DecryptRequest, DecryptResponse>('Decrypt', {
      event: 'read',
      target: (input) => {
        refuseMembers('Decrypt', input, UNSUPPORTED);
        return kms.target(byCiphertext(input), contextKeys(input.EncryptionContext ?? {}));
      },
      describe: (input) => describe(byCiphertext, input),
      run: (input) => {
        const key = byCiphertext(input);
        requireState(key, 'usable');
        if (input.KeyId !== undefined && kms.find(input.KeyId).id !== key.id) {
          throw new ServiceError('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.');
        }
        const plaintext = unseal(key, input.CiphertextBlob as Uint8Array, input.EncryptionContext ?? {});
        return { KeyId: key.arn, Plaintext: plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      },
    }),
    GenerateDataKey: onKey<GenerateDataKeyRequest, GenerateDataKeyResponse>('GenerateDataKey', (key, input) => {
      const plaintext = randomBytes(dataKeyBytes(input));
      return { Plaintext: plaintext, CiphertextBlob: seal(key, plaintext, input.EncryptionContext ?? {}), KeyId: key.arn };
    }),
    GenerateDataKeyWithoutPlaintext: onKey<GenerateDataKeyRequest, Omit<GenerateDataKeyResponse, 'Plaintext'>>(
      'GenerateDataKeyWithoutPlaintext',
      (key, input) => ({ CiphertextBlob: seal(key, randomBytes(dataKeyBytes(input)), input.EncryptionContext ?? {}), KeyId: key.arn }),
    ),
    GenerateDataKeyPair: onKey<GenerateDataKeyPairRequest, GenerateDataKeyPairResponse>('GenerateDataKeyPair', (key, input) => {
      const namedCurve = CURVES[String(input.KeyPairSpec)];
      if (!namedCurve) throw notModelled(`data key pairs of the kind ${input.KeyPairSpec}`);
      const pair = generateKeyPairSync('ec', { namedCurve });
      const secret = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
      return {
        PrivateKeyPlaintext: secret,
        PrivateKeyCiphertextBlob: seal(key, secret, input.EncryptionContext ?? {}),
        PublicKey: pair.publicKey.export({ format: 'der', type: 'spki' }),
        KeyPairSpec: input.KeyPairSpec,
        KeyId: key.arn,
      };
    }),
    // Two permissions: to take the ciphertext from its key, and to give it to the other.
    // Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
    ReEncrypt: operation<ReEncryptRequest, ReEncryptResponse>('ReEncrypt', {
      action: 'kms:ReEncryptFrom',
      resourceMembers: ['SourceKeyId', 'DestinationKeyId'],
      event: 'read',
      target: (input) => {
        refuseMembers('ReEncrypt', input, [...UNSUPPORTED, 'SourceEncryptionAlgorithm', 'DestinationEncryptionAlgorithm']);
        return kms.target(byCiphertext(input), contextKeys(input.SourceEncryptionContext ?? {}));
      },
      describe: (input) => describe(byCiphertext, { EncryptionContext: input.SourceEncryptionContext }),
      run: (input, call) => {
        const source = byCiphertext(input);
        const destination = kms.find(input.DestinationKeyId);
        const context = input.DestinationEncryptionContext ?? {};
        kms.check(['ReEncryptTo'], destination.arn, context, call);
        for (const key of [source, destination]) requireState(key, 'usable');
        const plaintext = unseal(source, input.CiphertextBlob as Uint8Array, input.SourceEncryptionContext ?? {});
        return { CiphertextBlob: seal(destination, plaintext, context), SourceKeyId: source.arn, KeyId: destination.arn };
      },
    }),
  };
}

/** Curves as KMS and as OpenSSL call them. */
const CURVES: Readonly<Record<string, string>> = { ECC_NIST_P256: 'P-256', ECC_NIST_P384: 'P-384', ECC_NIST_P521: 'P-521' };

function unseal(key: Key, blob: Uint8Array, context: Record<string, string>): Uint8Array {
  const secret = key.backingKeys[readHeader(blob)?.backingKey ?? -1];
  const plaintext = secret && decrypt(blob, secret, context);
  if (!plaintext) throw new ServiceError('InvalidCiphertextException', '');
  return plaintext;
}

function dataKeyBytes(input: GenerateDataKeyRequest): number {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw new ServiceError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  const bytes = input.KeySpec === undefined ? Number(input.NumberOfBytes) : input.KeySpec === 'AES_128' ? 16 : 32;
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > 1024) throw new ServiceError('ValidationException', 'NumberOfBytes must be between 1 and 1024');
  return bytes;
}
