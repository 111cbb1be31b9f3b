import type { PolicyDocument } from '../../../evaluator';
import { comparePolicies } from '../../../evaluator/request-space/compare';

const OWN = '111122223333';

/** A resource policy that delegates to an account, for resources of the accounts given. */
const delegating = (action: string, resource: string, accounts?: readonly string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: OWN },
    Action: action,
    Resource: resource,
    ...(accounts ? { Condition: { StringEquals: { 'aws:ResourceAccount': accounts } } } : {}),
  },
});
const NOTHING: PolicyDocument = { Version: '2012-10-17', Statement: { Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: '*' } };

describe('a comparison of resource policies that delegate to an account', () => {
  it.each([
    ['resources whose ARN holds their account', delegating('sqs:ReceiveMessage', '*')],
    ['resources whose ARN holds no account', delegating('s3:GetObject', 'arn:aws:s3:::*/a?c')],
    ['resources of accounts that a condition names alike', delegating('s3:GetObject', 'arn:aws:s3:::*/a?c', [OWN, '444455556666'])],
  ])('tells what that gives in other accounts than the caller’s: %s', (_title, policy) => {
    expect(comparePolicies(NOTHING, policy, { kind: 'resource', resources: 'of the action' }).relation).toBe('second allows more');
  });
});
