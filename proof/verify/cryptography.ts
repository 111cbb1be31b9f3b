import type { Step } from '../../access/matrix/operation';
import type { Clients } from './clients';
import type { TestBed } from './test-bed';

type Ask = (clients: Clients, asked: Asked, stage: TestBed) => Promise<unknown>;

interface Asked {
  readonly KeyId: string;
  readonly EncryptionContext: Record<string, string>;
  /** The service that passes the request on, if any. */
  readonly via?: string;
}

const reEncrypt: Ask = (clients, { KeyId, EncryptionContext, via }, stage) =>
  clients.of('kms', { via }).reEncrypt({
    CiphertextBlob: stage.ciphertext(KeyId, EncryptionContext),
    SourceKeyId: KeyId,
    SourceEncryptionContext: EncryptionContext,
    DestinationKeyId: KeyId,
    DestinationEncryptionContext: EncryptionContext,
  });

/** How cryptographic operations are asked of KMS; re-encryption to the same key asks for both of its permissions. */
const CRYPTOGRAPHY: Readonly<Record<string, Ask>> = {
  'kms:Encrypt': (clients, { via, ...input }) => clients.of('kms', { via }).encrypt({ ...input, Plaintext: Buffer.from('x') }),
  'kms:Decrypt': (clients, { via, ...input }, stage) =>
    clients.of('kms', { via }).decrypt({ ...input, CiphertextBlob: stage.ciphertext(input.KeyId, input.EncryptionContext) }),
  'kms:GenerateDataKey': (clients, { via, ...input }) => clients.of('kms', { via }).generateDataKey({ ...input, KeySpec: 'AES_256' }),
  'kms:GenerateDataKeyWithoutPlaintext': (clients, { via, ...input }) =>
    clients.of('kms', { via }).generateDataKeyWithoutPlaintext({ ...input, KeySpec: 'AES_256' }),
  'kms:GenerateDataKeyPair': (clients, { via, ...input }) => clients.of('kms', { via }).generateDataKeyPair({ ...input, KeyPairSpec: 'ECC_NIST_P256' }),
  'kms:ReEncryptFrom': reEncrypt,
  'kms:ReEncryptTo': reEncrypt,
  'kms:CreateGrant': async (clients, { KeyId, EncryptionContext, via }, stage) => {
    const { grants } = stage.key(KeyId);
    const before = grants.length;
    try {
      return await clients.of('kms', { via }).createGrant({
        KeyId,
        GranteePrincipal: `dynamodb.${stage.lab.account.region}.amazonaws.com`,
        Operations: ['Decrypt'],
        ...(Object.keys(EncryptionContext).length > 0 ? { Constraints: { EncryptionContextSubset: EncryptionContext } } : {}),
      });
    } finally {
      // A grant would let its grantee in afterwards.
      grants.splice(before);
    }
  },
};

/** How a step that uses a key is asked for, directly or through the service that its context names; nothing for other steps. */
export function cryptography({ action, resource, context = {} }: Step): ((clients: Clients, stage: TestBed) => Promise<unknown>) | undefined {
  const ask = CRYPTOGRAPHY[action];
  if (!ask) return undefined;
  const prefix = 'kms:EncryptionContext:';
  const pairs = Object.entries(context).filter(([key]) => key.startsWith(prefix));
  const via = context['kms:ViaService'];
  const asked: Asked = {
    KeyId: resource,
    EncryptionContext: Object.fromEntries(pairs.map(([key, value]) => [key.slice(prefix.length), String(value)])),
    via: typeof via === 'string' ? via.split('.')[0] : undefined,
  };
  return (clients, stage) => ask(clients, asked, stage);
}
