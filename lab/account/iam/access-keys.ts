import type { AccessKeyMetadata, AccessKey as AccessKeyOutput } from '@aws-sdk/client-iam';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { secretKey, uniqueId } from './entities';
import type { IamStore } from './iam-store';
import { missing } from './refusals';
import { type UserNamed, userNameOf, userTarget } from './users';

const operation = operationsOf('iam');

const MAX_ACCESS_KEYS = 2;

/** Operations on the access keys of users. */
export function accessKeyOperations(iam: IamStore) {
  const target = userTarget(iam);
  return {
    CreateAccessKey: operation<UserNamed, { AccessKey: AccessKeyOutput }>('CreateAccessKey', {
      event: 'write',
      target,
      run: (input, call) => {
        const user = iam.user(userNameOf(input, call));
        if (user.accessKeys.length >= MAX_ACCESS_KEYS) {
          throw new ServiceError('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${MAX_ACCESS_KEYS}`, 409);
        }
        const key = { id: uniqueId('AKIA'), secret: secretKey(), active: true, createdAt: iam.account.clock.date() };
        user.accessKeys.push(key);
        return { AccessKey: { UserName: user.name, AccessKeyId: key.id, SecretAccessKey: key.secret, Status: 'Active', CreateDate: key.createdAt } };
      },
    }),
    ListAccessKeys: operation<UserNamed, { AccessKeyMetadata: AccessKeyMetadata[]; IsTruncated: boolean }>('ListAccessKeys', {
      event: 'read',
      target,
      run: (input, call) => {
        const user = iam.user(userNameOf(input, call));
        const keys = user.accessKeys.map((key) => ({
          UserName: user.name,
          AccessKeyId: key.id,
          Status: key.active ? ('Active' as const) : ('Inactive' as const),
          CreateDate: key.createdAt,
        }));
        return { AccessKeyMetadata: keys, IsTruncated: false };
      },
    }),
    UpdateAccessKey: operation<UserNamed & { AccessKeyId: string; Status: string }, object>('UpdateAccessKey', {
      event: 'write',
      target,
      run: (input, call) => {
        const key =
          iam.user(userNameOf(input, call)).accessKeys.find((accessKey) => accessKey.id === input.AccessKeyId) ?? missing('Access Key', input.AccessKeyId);
        key.active = input.Status === 'Active';
        return {};
      },
    }),
    DeleteAccessKey: operation<UserNamed & { AccessKeyId: string }, object>('DeleteAccessKey', {
      event: 'write',
      target,
      run: (input, call) => {
        const { accessKeys } = iam.user(userNameOf(input, call));
        const index = accessKeys.findIndex((accessKey) => accessKey.id === input.AccessKeyId);
        if (index < 0) missing('Access Key', input.AccessKeyId);
        accessKeys.splice(index, 1);
        return {};
      },
    }),
  };
}
