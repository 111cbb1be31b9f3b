import { canActOn } from '../../evaluator/service-data/check';
import { accessLevelOf } from '../../evaluator/service-data/service-data';

describe('the service data', () => {
  it.each([
    ['sqs:GetQueueUrl', 'Read'],
    ['kms:ListKeys', 'List'],
    ['SQS:sendmessage', 'Write'],
    ['sqs:TagQueue', 'Tagging'],
    ['sqs:AddPermission', 'Permissions management'],
    ['sqs:EmptyQueue', undefined],
    ['newservice:Do', undefined],
  ])('give %s the access level %s', (action, level) => {
    expect(accessLevelOf(action)).toBe(level);
  });

  it.each([
    ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:people', true],
    ['sqs:SendMessage', 'arn:aws:sns:eu-west-1:111122223333:people', false],
    ['iam:GetPolicy', 'arn:aws:iam::111122223333:role/reader', false],
    ['kms:CreateKey', '*', true],
    // Nobody knows on what an unknown action acts.
    ['sqs:EmptyQueue', 'arn:aws:sns:eu-west-1:111122223333:people', true],
  ])('tell whether %s can act on %s: %s', (action, resource, possible) => {
    expect(canActOn(action, resource)).toBe(possible);
  });
});
