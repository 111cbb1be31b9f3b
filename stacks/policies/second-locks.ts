/**
 * A part of a statement without which no request is decided otherwise, because another statement decides the same. It stays, so
 * that a mistake in the other one opens nothing.
 */
export interface SecondLock {
  readonly sid: string;
  /** What could be removed, as `npm run access -- mutate` names it: `condition/OPERATOR/KEY` or `principal/ARN`. */
  readonly part: string;
  /** The statement that makes it redundant, and where that stands. */
  readonly firstLock: string;
  /** AWS's page that recommends it. */
  readonly page: string;
}

const MFA = {
  part: 'condition/Bool/aws:MultiFactorAuthPresent',
  firstLock: 'AssumedByPeopleOfTheAccount in the trust policies of the human roles (trust.ts) asks for MFA as well',
  // It asks for MFA in the policies of users and groups, not in trust policies alone.
  page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html',
};

/** All second locks of the policies; what else is redundant in them fails `__tests__/stacks/second-locks.test.ts`. */
export const SECOND_LOCKS: readonly SecondLock[] = [
  { sid: 'AssumeHumanRoles', ...MFA },
  { sid: 'AssumeKeyManagerRole', ...MFA },
  {
    sid: 'GrantToTableByDeployers',
    part: 'condition/Bool/kms:GrantIsForAWSResource',
    firstLock: 'kms:ViaService in the same statement (keys.ts): what DynamoDB asks for its caller is for a resource of AWS',
    page: 'https://docs.aws.amazon.com/controltower/latest/controlreference/ct-kms-pv-1.html',
  },
  {
    sid: 'DenyItemsToDeployers',
    part: 'principal/arn:aws:iam::ACCOUNT:role/DeployerRole',
    firstLock: 'MaintainTableForDeployers (deployer.ts) allows the role no item; the Deny holds whatever policy it is given later',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html',
  },
];
