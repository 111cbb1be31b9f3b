import type { GrantOperation } from '@aws-sdk/client-kms';
import type { AccountContext } from '../account-context';
import { type Call, via } from '../caller';
import { ServiceError } from '../errors';
import { requireState } from '../kms/key';
import type { Table, TableEncryption } from './table';

/** How long DynamoDB uses a table key without asking KMS again. */
const KEY_CACHE_MS = 5 * 60 * 1000;

const CACHE_LIMIT = 10_000;

/** What DynamoDB may do by the grants that it has its callers issue. */
const GRANTED: readonly GrantOperation[] = ['DescribeKey', 'GenerateDataKey', 'Decrypt', 'Encrypt', 'ReEncryptFrom', 'ReEncryptTo', 'RetireGrant'];

/** What the caller that selects a table's key must be allowed, all with the table's encryption context. */
const SELECTION = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'];

/**
 * What DynamoDB does with the key of a table: permissions and a grant of the caller that selects it, Decrypt as every reader and
 * writer. The table key is cached for each caller for five minutes after a Decrypt.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export class TableKeys {
  private readonly opened = new Map<string, number>();

  constructor(private readonly account: AccountContext) {}

  /** Selects a key for a table. */
  async select(tableName: string, keyReference: string, call: Call): Promise<TableEncryption> {
    const { kms, region } = this.account;
    const passed = via(call, 'dynamodb', region);
    const context = this.context(tableName);
    return this.asDynamoDb(async () => {
      const { KeyMetadata } = await this.account.perform(kms.operations.DescribeKey, { KeyId: keyReference }, passed);
      const keyArn = String(KeyMetadata?.Arn);
      requireState(kms.find(keyArn), 'usable');
      kms.check(SELECTION, keyArn, context, passed);
      const grantee = `dynamodb.${region}.amazonaws.com`;
      await this.account.perform(
        kms.operations.CreateGrant,
        { KeyId: keyArn, GranteePrincipal: grantee, RetiringPrincipal: grantee, Operations: [...GRANTED], Constraints: { EncryptionContextSubset: context } },
        passed,
      );
      const made = await this.account.perform(
        kms.operations.GenerateDataKey,
        { KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: context },
        this.account.serviceCall(grantee),
      );
      return { keyArn, dataKey: made.CiphertextBlob as Uint8Array };
    });
  }

  /** Opens the table key as a caller that reads or writes. */
  async open(table: Table, call: Call): Promise<void> {
    const { encryption } = table;
    if (!encryption) return;
    const { caller } = call;
    const cacheKey = JSON.stringify([
      table.name,
      encryption.keyArn,
      caller.principal.principalArn,
      caller.userId.split(':')[0],
      caller.sessionPolicies?.map((policy) => policy.text),
    ]);
    if ((this.opened.get(cacheKey) ?? 0) > this.account.clock.now()) return;
    await this.asDynamoDb(() =>
      this.account.perform(
        this.account.kms.operations.Decrypt,
        { CiphertextBlob: encryption.dataKey, EncryptionContext: this.context(table.name) },
        via(call, 'dynamodb', this.account.region),
      ),
    );
    if (this.opened.size >= CACHE_LIMIT) this.opened.clear();
    this.opened.set(cacheKey, this.account.clock.now() + KEY_CACHE_MS);
  }

  private context(tableName: string): Record<string, string> {
    return { 'aws:dynamodb:tableName': tableName, 'aws:dynamodb:subscriberId': this.account.accountId };
  }

  /** DynamoDB's way of passing on what KMS refuses; texts as seen in the field, unconfirmed by AWS. */
  private async asDynamoDb<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const detail = `com.amazonaws.services.kms.model.AWSKMSException: ${error.message}`;
      if (error.code === 'AccessDeniedException') throw new ServiceError(error.code, `KMS key access denied error: ${detail}`);
      if (error.code === 'DisabledException') throw new ServiceError('ValidationException', `KMS key disabled error: ${detail}`);
      throw new ServiceError('ValidationException', `KMS validation error: ${detail}`);
    }
  }
}
