import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { Grant } from '../../../evaluator/index';
import { ServiceError } from '../errors';
import type { StoredPolicy } from '../stored-policy';
import type { Tags } from '../tags';

/** A customer managed key. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  description: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  deletionDate?: Date;
  policy: StoredPolicy;
  /** Rotation period in days; absent while rotation is off. */
  rotationDays?: number;
  /** Secrets by number; the last one encrypts. */
  readonly backingKeys: Buffer[];
  readonly grants: Grant[];
  readonly tags: Tags;
}

/** What a key must be for an operation. */
export type Need = 'usable' | 'not pending deletion' | 'known';

/**
 * Refuses an operation that the state of the key does not permit.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export function requireState(key: Key, need: Need): void {
  if (need === 'known') return;
  if (key.state === 'PendingDeletion') throw new ServiceError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  if (need === 'usable' && key.state === 'Disabled') throw new ServiceError('DisabledException', `${key.arn} is disabled.`);
}

/** A key as KMS describes it. */
export function describeKey(key: Key, accountId: string): KeyMetadata {
  return {
    AWSAccountId: accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    DeletionDate: key.deletionDate,
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}
