import { Testing } from 'cdktf';
import { Deployers } from '../../stacks/keys/deployers';
import { Keys } from '../../stacks/keys/keys';
import { actionsOf, ENVIRONMENT, NAMES, role, type Statement, settingsWith, statementsOf, synthesize } from './support';

const DEPLOYERS = [role('DeployerRole'), 'arn:aws:iam::111122223333:user/founder'];
const PRINCIPALS = {
  keyManager: role('KeyManagerRole'),
  deployers: DEPLOYERS,
  sender: role('SQSAccessRole'),
  consumer: role('ConsumerRole'),
  operator: role('OperatorRole'),
  tableUser: role('DBAccessRole'),
};
const resources = synthesize((scope) => {
  new Keys(scope, 'keys', {
    settings: settingsWith(),
    names: NAMES,
    environment: ENVIRONMENT,
    principals: PRINCIPALS,
    preconditions: [{ condition: 'true', errorMessage: 'no' }],
  });
});
const keyOf = (prefix: string) => resources('aws_kms_key').find((key) => String(key.description).startsWith(prefix)) ?? {};
const policies: Record<string, Statement[]> = {
  queue: statementsOf(keyOf('Messages')),
  table: statementsOf(keyOf('Items')),
  logs: statementsOf(keyOf('Logs')),
};
const CRYPTOGRAPHY = /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey)/;
const isCryptographic = (statement: Statement) => actionsOf(statement).some((action) => CRYPTOGRAPHY.test(action));

describe('the stack keys', () => {
  it('makes three rotating keys with a deletion window and an alias each', () => {
    expect(resources('aws_kms_key')).toHaveLength(3);
    for (const key of resources('aws_kms_key')) expect(key).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 30 });
    expect(new Set(resources('aws_kms_alias').map((alias) => alias.name))).toEqual(new Set(['alias/demo-queue', 'alias/demo-table', 'alias/demo-logs']));
  });

  describe.each(Object.entries(policies))('the policy of the key %s', (_name, statements) => {
    it('names its principals one by one, without a wildcard', () => {
      for (const { Principal: principal } of statements) {
        expect(typeof principal).toBe('object');
        expect(JSON.stringify(principal)).not.toContain('*');
      }
    });

    it('names no action by a wildcard', () => {
      expect(statements.flatMap(actionsOf).filter((action) => action.includes('*'))).toEqual([]);
    });

    it('does not delegate to the account: root counts only as the true root user, and never for cryptography', () => {
      const delegating = statements.filter((statement) => JSON.stringify(statement.Principal).includes(':root'));
      expect(delegating).toHaveLength(1);
      expect(delegating[0]?.Condition).toEqual({ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:root' } });
      expect(delegating.some(isCryptographic)).toBe(false);
    });

    it('gives the administrator no cryptographic operation and no grants to make', () => {
      const own = statements.filter((statement) => JSON.stringify(statement.Principal).includes('KeyManagerRole'));
      expect(own).toHaveLength(1);
      expect(own.some(isCryptographic)).toBe(false);
      expect(own.flatMap(actionsOf)).not.toContain('kms:CreateGrant');
    });

    it('allows cryptography only through a service, or to the service, and for one resource', () => {
      for (const statement of statements.filter(isCryptographic)) {
        const condition = JSON.stringify(statement.Condition);
        expect(condition).toContain('kms:EncryptionContext:aws:');
        if (!JSON.stringify(statement.Principal).includes('Service')) expect(condition).toContain('kms:ViaService');
      }
    });

    it('has a distinct Sid for each statement', () => {
      expect(new Set(statements.map((statement) => statement.Sid)).size).toBe(statements.length);
    });

    it('names none of the roles that must not read', () => {
      expect(JSON.stringify(statements)).not.toMatch(/NotAllowedRole|AdminRole/);
    });
  });

  it('lets the sender alone encrypt for the queue, besides the redrive', () => {
    const encrypting = policies.queue?.filter((statement) => actionsOf(statement).includes('kms:GenerateDataKey')).map((statement) => statement.Sid);
    expect(encrypting).toEqual(['SendByProducer', 'RedriveByOperator']);
  });

  it('lets operators read dead-letter messages under either queue’s context', () => {
    const statement = policies.queue?.find(({ Sid }) => Sid === 'ReadDeadLettersByOperator');
    expect(statement?.Condition?.StringEquals?.['kms:EncryptionContext:aws:sqs:arn']).toEqual([
      'arn:aws:sqs:eu-west-1:111122223333:demo-people',
      'arn:aws:sqs:eu-west-1:111122223333:demo-people-dead-letters',
    ]);
  });

  it('lets deployers grant only to AWS resources, through DynamoDB', () => {
    const statement = policies.table?.find((statement) => actionsOf(statement).includes('kms:CreateGrant'));
    expect(statement?.Condition).toMatchObject({
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' },
    });
  });

  it('lets nobody but CloudWatch Logs use the logs key, for this log group', () => {
    expect(policies.logs?.filter(isCryptographic)).toEqual([
      expect.objectContaining({
        Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
        Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/demo-consumer' } },
      }),
    ]);
  });
});

describe('deployers', () => {
  const synth = (configured: readonly string[]) => {
    let made: Deployers | undefined;
    const text = Testing.synthScope((scope) => {
      made = new Deployers(scope, 'deployers', { callerArn: 'arn:aws:iam::111122223333:user/founder', deployerRoleArn: role('DeployerRole'), configured });
      const { principals, preconditions } = made;
      new Keys(scope, 'keys', {
        settings: settingsWith(),
        names: NAMES,
        environment: ENVIRONMENT,
        principals: { ...PRINCIPALS, deployers: principals },
        preconditions,
      });
    });
    return Object.values(
      (
        JSON.parse(text) as {
          resource: { aws_kms_key: Record<string, { policy: string; lifecycle: { precondition: { condition: string; error_message: string }[] } }> };
        }
      ).resource.aws_kms_key,
    )[0];
  };

  it('are DeployerRole and the caller’s issuer by default, each once', () => {
    expect(synth([])?.policy).toMatch(
      /"AWS":\$\{jsonencode\(distinct\(\[\\?"arn:aws:iam::111122223333:role\/demo-DeployerRole\\?", data\.aws_iam_session_context\.[^\]]+issuer_arn\]\)\)\}/,
    );
  });

  it('exclude the root user, whose ARN would mean the whole account', () => {
    expect(synth([])?.lifecycle.precondition[0]?.condition).toMatch(/^\$\{!endswith\(.*issuer_arn, ":root"\)\}$/);
  });

  it('that are configured must contain the caller; the message says what to set', () => {
    const key = synth(DEPLOYERS);
    expect(statementsOf({ policy: key?.policy }).find(({ Sid }) => Sid === 'MaintenanceByDeployers')?.Principal).toEqual({ AWS: DEPLOYERS });
    expect(key?.lifecycle.precondition[0]?.condition).toContain('contains(');
    expect(key?.lifecycle.precondition[0]?.error_message).toContain('PIPELINE_DEPLOYERS');
  });
});
