import { policy } from './document';

/**
 * Trust of a human role: principals of the account whose own policies let them, with MFA.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
 */
export function humanTrust(accountRoot: string, requireMfa: boolean) {
  return policy({
    Sid: 'AssumedByPeopleOfTheAccount',
    Effect: 'Allow',
    Principal: { AWS: accountRoot },
    Action: 'sts:AssumeRole',
    ...(requireMfa ? { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } } : {}),
  });
}

/**
 * Trust of the execution role: Lambda alone. No `aws:SourceArn` condition: which value Lambda sends when it validates the
 * role at creation of the function is unconfirmed.
 */
export function functionTrust() {
  return policy({ Sid: 'AssumedByLambda', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
}
