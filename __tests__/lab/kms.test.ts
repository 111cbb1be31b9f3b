import { createPrivateKey, createPublicKey } from 'node:crypto';
import { DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { ACCOUNT, allow, type Clients, keyPolicy, startLab, type TestLab } from './support';

let test: TestLab;
let user: Clients;
let everything: Clients;
beforeAll(async () => {
  test = await startLab();
  user = await test.role('KeyUser', []);
  everything = await test.role('Everything', [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }]);
});
afterAll(() => test.stop());

const CRYPTOGRAPHY = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'];
const plaintext = Buffer.from('Grüße');

async function makeKey(...statements: object[]): Promise<string> {
  const { KeyMetadata: key } = await test.bootstrap.kms.send(new CreateKeyCommand({ Policy: keyPolicy(...statements) }));
  return String(key?.Arn);
}

describe('KMS in the lab', () => {
  it('encrypts for whom the key policy names, bound to the encryption context', async () => {
    const KeyId = await makeKey(allow('UseByKeyUser', 'role/KeyUser', CRYPTOGRAPHY));

    const { CiphertextBlob } = await user.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext, EncryptionContext: { a: '1', b: '2' } }));
    const opened = await user.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: '2', a: '1' } }));

    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('Grüße');
    expect(Buffer.from(CiphertextBlob ?? []).includes(plaintext)).toBe(false);
    await expect(user.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: '1' } }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  it('refuses a role with all IAM permissions that the key policy does not name, with the message of AWS', async () => {
    const KeyId = await makeKey();
    await expect(everything.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/Everything/test is not authorized to perform: kms:GenerateDataKey on resource: ${KeyId} because no resource-based policy allows the kms:GenerateDataKey action`,
    });
  });

  it('counts IAM policies where the key policy delegates to the account', async () => {
    const KeyId = await makeKey(allow('DelegationToAccount', 'root', 'kms:*'));
    await expect(everything.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))).resolves.toMatchObject({ KeyId });
    await expect(user.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))).rejects.toMatchObject({
      message: expect.stringContaining('no identity-based policy'),
    });
  });

  it('names its key in the ciphertext, and compares a given one', async () => {
    const [KeyId, other] = [await makeKey(allow('Use', 'role/KeyUser', CRYPTOGRAPHY)), await makeKey(allow('Use', 'role/KeyUser', CRYPTOGRAPHY))];
    const { CiphertextBlob } = await user.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }));
    await expect(user.kms.send(new DecryptCommand({ CiphertextBlob }))).resolves.toMatchObject({ KeyId });
    await expect(user.kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other }))).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  it('refuses what the state of a key does not permit', async () => {
    const KeyId = await makeKey(allow('Use', 'role/KeyUser', CRYPTOGRAPHY));
    const encrypt = () => user.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }));
    await test.bootstrap.kms.send(new DisableKeyCommand({ KeyId }));
    await expect(encrypt()).rejects.toMatchObject({ name: 'DisabledException', message: `${KeyId} is disabled.` });
    await test.bootstrap.kms.send(new EnableKeyCommand({ KeyId }));
    await expect(encrypt()).resolves.toBeDefined();
    await test.bootstrap.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await expect(encrypt()).rejects.toMatchObject({ name: 'KMSInvalidStateException', message: `${KeyId} is pending deletion.` });
    await test.bootstrap.kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await expect(encrypt()).rejects.toMatchObject({ name: 'DisabledException' });
  });

  it('forgets a key when its deletion window has passed on the account’s clock', async () => {
    const KeyId = await makeKey();
    await test.bootstrap.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await expect(test.bootstrap.kms.send(new DescribeKeyCommand({ KeyId }))).resolves.toMatchObject({ KeyMetadata: { KeyState: 'PendingDeletion' } });
    const other = await startLab();
    try {
      const made = await other.bootstrap.kms.send(new CreateKeyCommand({ Policy: keyPolicy() }));
      const id = String(made.KeyMetadata?.KeyId);
      await other.bootstrap.kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
      other.advance(7 * 24 * 3600);
      await expect(other.bootstrap.kms.send(new DescribeKeyCommand({ KeyId: id }))).rejects.toMatchObject({ name: 'NotFoundException' });
    } finally {
      await other.stop();
    }
  });

  it('refuses a policy that would lock its caller out, unless told so', async () => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow('OnlyKeyUser', 'role/KeyUser', 'kms:*')] });
    await expect(test.bootstrap.kms.send(new CreateKeyCommand({ Policy }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    });
    await expect(test.bootstrap.kms.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }))).resolves.toBeDefined();
  });

  it('refuses a policy with principals that do not exist, or that it cannot decide', async () => {
    const create = (statement: object) => test.bootstrap.kms.send(new CreateKeyCommand({ Policy: keyPolicy(statement) }));
    await expect(create(allow('Nobody', 'role/Nobody', 'kms:Decrypt'))).rejects.toMatchObject({ message: expect.stringContaining('invalid principals') });
    await expect(create({ ...allow('Typo', 'role/KeyUser', 'kms:Decrypt'), Condition: { StringEqual: { 'kms:ViaService': 'x' } } })).rejects.toMatchObject({
      message: expect.stringContaining('StringEqual is not a condition operator'),
    });
    await expect(create(allow('Unknown', 'role/KeyUser', 'kms:Decrypt', { 'aws:SourceVpce': 'x' }))).rejects.toMatchObject({
      message: expect.stringContaining('does not supply the condition key aws:SourceVpce'),
    });
  });

  it('remembers who a principal was: a recreated role of the same name gains nothing', async () => {
    const first = await test.role('Namesake', []);
    const KeyId = await makeKey(allow('UseByNamesake', 'role/Namesake', CRYPTOGRAPHY));
    await expect(first.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))).resolves.toBeDefined();

    await test.bootstrap.iam.send(new DeleteRolePolicyCommand({ RoleName: 'Namesake', PolicyName: 'own' })).catch(() => undefined);
    await test.bootstrap.iam.send(new DeleteRoleCommand({ RoleName: 'Namesake' }));
    const second = await test.role('Namesake', []);

    await expect(second.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const { Policy } = await test.bootstrap.kms.send(new GetKeyPolicyCommand({ KeyId }));
    expect(Policy).toMatch(/"AROA[A-Z0-9]+"/);
  });

  it('lets a grant allow what no policy does, within its constraints', async () => {
    const KeyId = await makeKey(allow('GrantsByBootstrap', 'user/bootstrap', 'kms:CreateGrant'));
    const generate = (context: Record<string, string>) => user.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: context }));
    await expect(generate({ tenant: 'a' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await test.bootstrap.kms.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/KeyUser`,
        Operations: ['GenerateDataKey'],
        Constraints: { EncryptionContextSubset: { tenant: 'a' } },
      }),
    );
    await expect(generate({ tenant: 'a', more: 'x' })).resolves.toBeDefined();
    await expect(generate({ tenant: 'b' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('applies a new policy at once', async () => {
    const KeyId = await makeKey(allow('Use', 'role/KeyUser', CRYPTOGRAPHY));
    await test.bootstrap.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy() }));
    await expect(user.kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('re-encrypts for whom both permissions are given', async () => {
    const from = await makeKey(allow('Encrypt', 'role/KeyUser', ['kms:Encrypt', 'kms:ReEncryptFrom']));
    const to = await makeKey(allow('To', 'role/KeyUser', ['kms:ReEncryptTo', 'kms:Decrypt']));
    const closed = await makeKey(allow('Decrypt', 'role/KeyUser', 'kms:Decrypt'));
    const { CiphertextBlob } = await user.kms.send(new EncryptCommand({ KeyId: from, Plaintext: plaintext, EncryptionContext: { a: '1' } }));
    const input = { CiphertextBlob, SourceEncryptionContext: { a: '1' }, DestinationEncryptionContext: { b: '2' } };
    const again = await user.kms.send(new ReEncryptCommand({ ...input, DestinationKeyId: to }));
    expect(again).toMatchObject({ SourceKeyId: from, KeyId: to });
    const opened = await user.kms.send(new DecryptCommand({ CiphertextBlob: again.CiphertextBlob, EncryptionContext: { b: '2' } }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plaintext);
    await expect(user.kms.send(new ReEncryptCommand({ ...input, DestinationKeyId: closed }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('kms:ReEncryptTo'),
    });
    await expect(user.kms.send(new ReEncryptCommand({ ...input, SourceEncryptionContext: {}, DestinationKeyId: to }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  it('makes data keys without plaintext, and pairs whose private part opens under the key', async () => {
    const KeyId = await makeKey(allow('Use', 'role/KeyUser', ['kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:GenerateDataKeyPair']));
    const sealed = await user.kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' }));
    expect(sealed).not.toHaveProperty('Plaintext');
    expect((await user.kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))).Plaintext).toHaveLength(32);
    const pair = await user.kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }));
    const opened = await user.kms.send(new DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob }));
    const secret = createPrivateKey({ key: Buffer.from(opened.Plaintext ?? []), format: 'der', type: 'pkcs8' });
    const known = createPublicKey({ key: Buffer.from(pair.PublicKey ?? []), format: 'der', type: 'spki' });
    expect(createPublicKey(secret).equals(known)).toBe(true);
    await expect(user.kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'RSA_2048' }))).rejects.toMatchObject({
      message: 'The lab does not model data key pairs of the kind RSA_2048',
    });
  });

  it('refuses what it does not model by name', async () => {
    await expect(test.bootstrap.kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }))).rejects.toMatchObject({
      message: 'The lab does not model keys other than SYMMETRIC_DEFAULT',
    });
  });
});
