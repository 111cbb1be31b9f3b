import { createHash } from 'node:crypto';
import type { AccountContext } from '../account-context';
import { type Call, via } from '../caller';
import { ServiceError } from '../errors';
import { decrypt, encrypt } from '../kms/cipher';
import type { Body } from './message';
import type { Queue } from './queue';

interface DataKey {
  readonly plaintext: Buffer;
  readonly blob: Uint8Array;
  readonly until: number;
}

/** How SQS reports the errors of KMS: its own shape, and the code of its older protocol. */
const KMS_ERRORS: Readonly<Record<string, readonly [string, string]>> = {
  AccessDeniedException: ['KmsAccessDenied', 'KMS.AccessDeniedException'],
  DisabledException: ['KmsDisabled', 'KMS.DisabledException'],
  KMSInvalidStateException: ['KmsInvalidState', 'KMS.InvalidStateException'],
  NotFoundException: ['KmsNotFound', 'KMS.NotFoundException'],
};

const CACHE_LIMIT = 10_000;
const HEADER = { keyId: '00000000-0000-0000-0000-000000000000', backingKey: 0 };

/**
 * What SQS does with the key of a queue, as its caller: GenerateDataKey and Decrypt to send, Decrypt to receive. Data keys
 * are reused for the queue's period and never shared between principals; different session names of one role are one
 * principal, different session policies are not.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export class QueueEncryption {
  private readonly encryptKeys = new Map<string, DataKey>();
  private readonly decryptKeys = new Map<string, DataKey>();

  constructor(private readonly account: AccountContext) {}

  /** Seals bodies that a caller sends, at the price of one data key. */
  async seal(queue: Queue, bodies: readonly string[], call: Call): Promise<Body[]> {
    if (queue.keyId === undefined) return bodies.map((plain) => ({ plain }));
    const key = await this.encryptKey(queue, queue.keyId, call);
    return bodies.map((body) => ({
      sealed: encrypt(HEADER, key.plaintext, Buffer.from(body), contextOf(queue.arn)),
      dataKey: key.blob,
      contextArn: queue.arn,
    }));
  }

  /** Opens the body of a message for a caller that receives it. */
  async open(queue: Queue, body: Body, call: Call): Promise<string> {
    if ('plain' in body) return body.plain;
    const secret = await this.decryptKey(queue, body.dataKey, body.contextArn, call);
    const text = decrypt(body.sealed, secret, contextOf(body.contextArn));
    if (!text) throw new Error('A stored message does not decrypt under its own data key');
    return text.toString();
  }

  private async encryptKey(queue: Queue, keyId: string, call: Call): Promise<DataKey> {
    const cacheKey = `${requester(call)} ${queue.arn} ${keyId}`;
    const cached = this.encryptKeys.get(cacheKey);
    if (cached && cached.until > this.account.clock.now()) return cached;
    const { kms } = this.account;
    const context = contextOf(queue.arn);
    const made = await this.asSqs(call, (passed) =>
      this.account.perform(kms.operations.GenerateDataKey, { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context }, passed),
    );
    const blob = made.CiphertextBlob as Uint8Array;
    // SQS checks the integrity of a new data key by decrypting it: producers need both permissions.
    await this.asSqs(call, (passed) => this.account.perform(kms.operations.Decrypt, { CiphertextBlob: blob, EncryptionContext: context }, passed));
    const key = { plaintext: Buffer.from(made.Plaintext as Uint8Array), blob, until: this.until(queue) };
    remember(this.encryptKeys, cacheKey, key);
    return key;
  }

  private async decryptKey(queue: Queue, blob: Uint8Array, contextArn: string, call: Call): Promise<Buffer> {
    const cacheKey = `${requester(call)} ${createHash('sha256').update(blob).digest('base64')}`;
    const cached = this.decryptKeys.get(cacheKey);
    if (cached && cached.until > this.account.clock.now()) return cached.plaintext;
    const opened = await this.asSqs(call, (passed) =>
      this.account.perform(this.account.kms.operations.Decrypt, { CiphertextBlob: blob, EncryptionContext: contextOf(contextArn) }, passed),
    );
    const plaintext = Buffer.from(opened.Plaintext as Uint8Array);
    remember(this.decryptKeys, cacheKey, { plaintext, blob, until: this.until(queue) });
    return plaintext;
  }

  private until(queue: Queue): number {
    return this.account.clock.now() + queue.number('KmsDataKeyReusePeriodSeconds') * 1000;
  }

  private async asSqs<T>(call: Call, ask: (passed: Call) => Promise<T>): Promise<T> {
    try {
      return await ask(via(call, 'sqs', this.account.region));
    } catch (error) {
      const [code, queryCode] = (error instanceof ServiceError && KMS_ERRORS[error.code]) || [];
      if (!code) throw error;
      throw new ServiceError(
        code,
        `${(error as ServiceError).message} (Service: AWSKMS; Status Code: 400; Error Code: ${(error as ServiceError).code}; Request ID: ${call.requestId}; Proxy: null)`,
        400,
        queryCode,
      );
    }
  }
}

/** The encryption context of SQS. That it is the queue's ARN is widely relied upon, but unconfirmed by an AWS page. */
function contextOf(queueArn: string): Record<string, string> {
  return { 'aws:sqs:arn': queueArn };
}

function requester({ caller }: Call): string {
  return JSON.stringify([
    caller.principal.principalArn,
    caller.userId.split(':')[0],
    caller.sourceFunctionArn,
    caller.sessionPolicies?.map((policy) => policy.name + policy.text),
  ]);
}

function remember(cache: Map<string, DataKey>, cacheKey: string, key: DataKey): void {
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(cacheKey, key);
}
