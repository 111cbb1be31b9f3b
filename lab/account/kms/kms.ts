import type { KmsContext, Service } from '../account-context';
import { aliasOperations } from './aliases';
import { cryptoOperations } from './crypto-operations';
import { grantOperations } from './grants';
import { keyOperations } from './key-operations';
import { KeyStore } from './key-store';

/** KMS: customer managed symmetric keys, with real encryption. */
export class Kms extends KeyStore implements Service, KmsContext {
  readonly accessDenied = { code: 'AccessDeniedException', status: 400 };

  readonly operations = {
    ...keyOperations(this),
    ...aliasOperations(this),
    ...cryptoOperations(this),
    ...grantOperations(this),
  };
}
