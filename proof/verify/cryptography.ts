import type { OperationStep } from '../../access/matrix/operation';
import type { Clients } from '../clients';
import type { TestBed } from './test-bed';

type KeyUse = (clients: Clients, request: KeyRequest, testBed: TestBed) => Promise<unknown>;

interface KeyRequest {
  readonly KeyId: string;
  readonly EncryptionContext: Record<string, string>;
  /** The service that passes the request on, if any. */
  readonly via?: string;
}

const reEncrypt: KeyUse = (clients, { KeyId, EncryptionContext, via }, testBed) =>
  clients.of('kms', { via }).reEncrypt({
    CiphertextBlob: testBed.ciphertext(KeyId, EncryptionContext),
    SourceKeyId: KeyId,
    SourceEncryptionContext: EncryptionContext,
    DestinationKeyId: KeyId,
    DestinationEncryptionContext: EncryptionContext,
  });

/** Requests of KMS that use a key; re-encryption to the same key asks for both of its permissions. */
const CRYPTOGRAPHY: Readonly<Record<string, KeyUse>> = {
  'kms:Encrypt': (clients, { via, ...input }) => clients.of('kms', { via }).encrypt({ ...input, Plaintext: Buffer.from('x') }),
  'kms:Decrypt': (clients, { via, ...input }, testBed) =>
    clients.of('kms', { via }).decrypt({ ...input, CiphertextBlob: testBed.ciphertext(input.KeyId, input.EncryptionContext) }),
  'kms:GenerateDataKey': (clients, { via, ...input }) => clients.of('kms', { via }).generateDataKey({ ...input, KeySpec: 'AES_256' }),
  'kms:GenerateDataKeyWithoutPlaintext': (clients, { via, ...input }) =>
    clients.of('kms', { via }).generateDataKeyWithoutPlaintext({ ...input, KeySpec: 'AES_256' }),
  'kms:GenerateDataKeyPair': (clients, { via, ...input }) => clients.of('kms', { via }).generateDataKeyPair({ ...input, KeyPairSpec: 'ECC_NIST_P256' }),
  'kms:ReEncryptFrom': reEncrypt,
  'kms:ReEncryptTo': reEncrypt,
  'kms:CreateGrant': async (clients, { KeyId, EncryptionContext, via }, testBed) => {
    const { grants } = testBed.key(KeyId);
    const before = grants.length;
    try {
      return await clients.of('kms', { via }).createGrant({
        KeyId,
        GranteePrincipal: `dynamodb.${testBed.lab.account.region}.amazonaws.com`,
        Operations: ['Decrypt'],
        ...(Object.keys(EncryptionContext).length > 0 ? { Constraints: { EncryptionContextSubset: EncryptionContext } } : {}),
      });
    } finally {
      // A grant would let its grantee in afterwards.
      grants.splice(before);
    }
  },
};

/**
 * The request of a step that uses a key, directly or through the service that its context names; nothing for
 * other steps.
 */
export function cryptography({ action, resource, context = {} }: OperationStep): ((clients: Clients, testBed: TestBed) => Promise<unknown>) | undefined {
  const useKey = CRYPTOGRAPHY[action];
  if (!useKey) return undefined;
  const prefix = 'kms:EncryptionContext:';
  const pairs = Object.entries(context).filter(([key]) => key.startsWith(prefix));
  const via = context['kms:ViaService'];
  const request: KeyRequest = {
    KeyId: resource,
    EncryptionContext: Object.fromEntries(pairs.map(([key, value]) => [key.slice(prefix.length), String(value)])),
    via: typeof via === 'string' ? via.split('.')[0] : undefined,
  };
  return (clients, testBed) => useKey(clients, request, testBed);
}
