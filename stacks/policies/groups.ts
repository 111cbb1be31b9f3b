import type { Arns } from '../names';
import { policy, policyVariable } from './document';

const withMfa = (requireMfa: boolean) => (requireMfa ? { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } } : {});

/**
 * Members manage their own password, access keys and MFA device; everything else needs MFA.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
 */
export function allUsersPolicy(arns: Arns, requireMfa: boolean) {
  const self = arns.iam(`user/${policyVariable('aws:username')}`);
  const selfManaged = policy(
    { Sid: 'SeeAccountRules', Effect: 'Allow', Action: ['iam:GetAccountPasswordPolicy', 'iam:ListVirtualMFADevices'], Resource: '*' },
    { Sid: 'ManageOwnPassword', Effect: 'Allow', Action: ['iam:ChangePassword', 'iam:GetUser'], Resource: self },
    {
      Sid: 'ManageOwnAccessKeys',
      Effect: 'Allow',
      Action: ['iam:CreateAccessKey', 'iam:DeleteAccessKey', 'iam:ListAccessKeys', 'iam:UpdateAccessKey', 'iam:GetAccessKeyLastUsed'],
      Resource: self,
    },
    { Sid: 'MakeOwnMfaDevice', Effect: 'Allow', Action: 'iam:CreateVirtualMFADevice', Resource: arns.iam(`mfa/${policyVariable('aws:username')}`) },
    {
      Sid: 'ManageOwnMfaDevice',
      Effect: 'Allow',
      Action: ['iam:DeactivateMFADevice', 'iam:EnableMFADevice', 'iam:ListMFADevices', 'iam:ResyncMFADevice'],
      Resource: self,
    },
  );
  if (!requireMfa) return selfManaged;
  return policy(...selfManaged.Statement, {
    Sid: 'DenyTheRestWithoutMfa',
    Effect: 'Deny',
    NotAction: [
      'iam:CreateVirtualMFADevice',
      'iam:EnableMFADevice',
      'iam:GetUser',
      'iam:ListMFADevices',
      'iam:ListVirtualMFADevices',
      'iam:ResyncMFADevice',
      'sts:GetSessionToken',
    ],
    Resource: '*',
    Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
  });
}

/** Members may assume these roles. The condition is a second lock (second-locks.ts): the roles' trust policies ask for MFA too. */
export function assumeRolesPolicy(sid: string, roles: readonly string[], requireMfa: boolean) {
  return policy({ Sid: sid, Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roles, ...withMfa(requireMfa) });
}
