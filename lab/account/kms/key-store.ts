import { randomUUID } from 'node:crypto';
import { accountOf } from '../../../evaluator/index';
import type { AccountContext } from '../account-context';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import type { Target } from '../operation';
import type { EncryptionContext } from './cipher';
import { contextKeys } from './context-keys';
import type { Key } from './key';

/** What KMS keeps: customer managed symmetric keys and their aliases. */
export class KeyStore {
  /** By key id. */
  readonly keys = new Map<string, Key>();
  /** Alias name → key id. */
  readonly aliases = new Map<string, string>();

  constructor(readonly account: AccountContext) {}

  /** Finds a key by id, ARN, alias name or alias ARN. */
  find(reference: string | undefined): Key {
    const text = String(reference);
    const named = /^(?:arn:[^:]+:kms:([^:]+):(\d{12}):)?(?:key\/)?(.+)$/.exec(text);
    const foreign = named?.[2] !== undefined && (named[1] !== this.account.region || named[2] !== this.account.accountId);
    const name = named?.[3] ?? '';
    const key = foreign ? undefined : this.keys.get(name.startsWith('alias/') ? (this.aliases.get(name) ?? '') : name);
    if (key?.deletionDate && key.deletionDate.getTime() <= this.account.clock.now()) this.destroy(key);
    if (!key || !this.keys.has(key.id)) {
      throw new ServiceError(
        'NotFoundException',
        name.startsWith('alias/') ? `Alias ${this.account.arn('kms', name)} is not found.` : `Key '${this.arnOf(text)}' does not exist`,
      );
    }
    return key;
  }

  /** A key as authorization sees it. */
  target(key: Key, context?: Target['context']): Target {
    return { resource: key.arn, policy: key.policy.policy(), grants: key.grants, context };
  }

  newId(): { id: string; arn: string } {
    const id = randomUUID();
    return { id, arn: this.account.arn('kms', `key/${id}`) };
  }

  /**
   * What a service must be allowed for its caller before it uses a key: the check without the cryptography.
   *
   * @param call the caller's call as the service passes it on
   * @throws ServiceError as KMS answers
   */
  check(actions: readonly string[], keyReference: string, context: EncryptionContext, call: Call): void {
    const key = this.find(keyReference);
    for (const action of actions) this.account.authorize(`kms:${action}`, this.target(key, contextKeys(context)), call);
  }

  private arnOf(reference: string): string {
    return accountOf(reference) ? reference : this.account.arn('kms', `key/${reference}`);
  }

  private destroy(key: Key): void {
    this.keys.delete(key.id);
    for (const [alias, id] of this.aliases) if (id === key.id) this.aliases.delete(alias);
  }
}
