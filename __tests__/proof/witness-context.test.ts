import type { ContextInput } from '../../evaluator';
import { Account } from '../../lab/account/account';
import { NotPerformable } from '../../proof/verify/not-performable';
import { stepContext } from '../../proof/verify/witness-context';

const account = new Account();
const contextOf = (context: ContextInput) => stepContext(context, account);

describe('the context of a witness', () => {
  it('is what a request must say, in the spelling of requests', () => {
    const context = {
      'aws:securetransport': 'false',
      'kms:viaservice': 'dynamodb.eu-west-1.amazonaws.com',
      'kms:encryptioncontext:aws:dynamodb:tablename': 'pipeline-Person',
      'kms:encryptioncontext:aws:sqs:arn': 'arn',
    };
    expect(contextOf(context)).toEqual({
      'aws:CalledVia': ['dynamodb.amazonaws.com'],
      'aws:SecureTransport': 'false',
      'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com',
      'kms:EncryptionContext:aws:dynamodb:tableName': 'pipeline-Person',
      'kms:EncryptionContext:aws:sqs:arn': 'arn',
    });
  });

  it('says by which service a request comes, also where only the last one is known', () => {
    expect(contextOf({ 'aws:calledvialast': 'sqs.amazonaws.com', 'aws:viaawsservice': 'true' })).toEqual({ 'aws:CalledVia': ['sqs.amazonaws.com'] });
    expect(contextOf({ 'aws:calledvia': [], 'aws:viaawsservice': 'false', 'kms:viaservice': [] })).toEqual({});
  });

  it.each<ContextInput>([
    { 'aws:sourcevpce': 'vpce-1' },
    { 'aws:sourcevpce': [] },
    { 'aws:multifactorauthage': '60' },
    { 'aws:securetransport': [] },
    { 'aws:resourceaccount': '999988887777' },
    { 'aws:requestedregion': 'us-east-1' },
    { 'aws:viaawsservice': 'true' },
    { 'aws:viaawsservice': 'false', 'kms:viaservice': 'sqs.eu-west-1.amazonaws.com' },
    { 'kms:grantisforawsresource': 'true' },
    { 'kms:encryptioncontextkeys': 'aws:sqs:arn' },
    { 'kms:viaservice': 'sqs.us-east-1.amazonaws.com' },
    { 'kms:viaservice': 'sqs.eu-west-1.amazonaws.com', 'aws:calledviafirst': 'dynamodb.amazonaws.com' },
    { 'aws:calledvia': ['sqs.amazonaws.com', 'dynamodb.amazonaws.com'] },
    { 'sts:externalid': 'secret' },
  ])('is refused where no request of the lab has it: %j', (context) => {
    expect(() => contextOf(context)).toThrow(NotPerformable);
  });
});
