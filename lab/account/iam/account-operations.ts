import { lastSegment } from '../../../evaluator/index';
import type { Call } from '../caller';
import { operationsOf, unmodelledOf } from '../operation';
import type { IamStore } from './iam-store';
import { missing } from './refusals';
import { userTarget } from './users';

const operation = operationsOf('iam');
const unmodelled = unmodelledOf('iam');

/** Operations on passwords, on the use of access keys, and on instance profiles: decided, but not modelled. */
export function accountOperations(iam: IamStore) {
  const { account } = iam;
  const ownerOf = (accessKeyId: string) => [...iam.users.values()].find((user) => user.accessKeys.some((key) => key.id === accessKeyId));
  const own = userTarget(iam);
  return {
    GetAccountPasswordPolicy: operation<object, never>('GetAccountPasswordPolicy', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: () => missing('Password Policy with domain', account.accountId),
    }),
    ChangePassword: unmodelled<object>('ChangePassword', (_input, call) => own({}, call)),
    GetAccessKeyLastUsed: unmodelled<{ AccessKeyId: string }>('GetAccessKeyLastUsed', (input, call) =>
      // Whether a key exists is told only to those who may ask about every user.
      own({ UserName: ownerOf(input.AccessKeyId)?.name ?? '*' }, call),
    ),
    // A caller that puts a role into an instance profile passes it to EC2.
    AddRoleToInstanceProfile: unmodelled<{ RoleName: string; InstanceProfileName: string }>(
      'AddRoleToInstanceProfile',
      (input) => ({ resource: iam.arn('instance-profile', '/', input.InstanceProfileName) }),
      {
        more: ({ RoleName }, call: Call) => {
          const role = iam.role(lastSegment(RoleName));
          account.authorize('iam:PassRole', { resource: iam.arnOf(role), context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }, call);
        },
      },
    ),
  };
}
