import type { Service } from '../account-context';
import { accessKeyOperations } from './access-keys';
import { accountOperations } from './account-operations';
import { groupOperations } from './groups';
import { IamStore } from './iam-store';
import { mfaOperations } from './mfa';
import { policyOperations } from './policies';
import { roleOperations } from './roles';
import { userOperations } from './users';

/** IAM: users, groups, roles, policies, access keys and MFA devices. */
export class Iam extends IamStore implements Service {
  readonly accessDenied = { code: 'AccessDenied', status: 403 };

  readonly operations = {
    ...roleOperations(this),
    ...policyOperations(this),
    ...groupOperations(this),
    ...userOperations(this),
    ...accessKeyOperations(this),
    ...mfaOperations(this),
    ...accountOperations(this),
  };
}
