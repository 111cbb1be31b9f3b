import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { ExpectedMatrix } from '../../access/matrix/expected';
import { UserError } from '../../cli/shared/user-error';
import { readPerson } from '../../functions/consumer/person';
import type { Progress } from '../../lab/account/settle';
import type { Lab } from '../../lab/lab';
import { Arns, HUMAN_ROLES, type HumanRole, type Names } from '../../stacks/names';
import type { Settings } from '../../stacks/settings';
import type { Identities } from '../identities';
import { assumeRole } from '../mfa-user';
import { observe } from './observation';
import type { Finding } from './report';
import { type Actor, RoleClients } from './role-clients';

const CREATION = { Action: { DataType: 'String', StringValue: 'creation' } };
const BATCH = 10;
/** What takes longer tells how far it is, this often. */
const PROGRESS_MS = 2000;

/** Messages that no consumer can process: each ends in the dead-letter queue. */
const MALFORMED = [
  { body: 'this is not a person', attributes: CREATION },
  { body: 'Doe, John', attributes: { Action: { DataType: 'String', StringValue: 'deletion' } } },
  { body: ', Nobody', attributes: CREATION },
  { body: `Endless, ${'x'.repeat(2000)}`, attributes: CREATION },
  { body: '{"Name": "Half"', attributes: CREATION },
];

/** What the story is told with. */
export interface DemoOptions {
  readonly lab: Lab;
  readonly identities: Identities;
  readonly names: Names;
  readonly settings: Settings;
  /** Who can do what, by operation: the expected access matrix. */
  readonly expected: ExpectedMatrix;
  /** Message bodies, `Name, Firstname`. */
  readonly people: readonly string[];
  readonly log: (line: string) => void;
}

/** Plays the proof of concept through real AWS clients, and tells what was found. */
export class Demo {
  private readonly findings: Finding[] = [];
  private readonly cast: RoleClients;
  private readonly arns: Arns;
  private readonly queueUrl: string;
  private readonly deadLetterUrl: string;

  constructor(private readonly options: DemoOptions) {
    const { lab, names, identities } = options;
    const { account } = lab;
    this.cast = new RoleClients(lab, identities);
    this.arns = new Arns(names, { partition: account.partition, region: account.region, account: account.accountId });
    this.queueUrl = `${lab.endpoint.url}/${account.accountId}/${names.queue}`;
    this.deadLetterUrl = `${lab.endpoint.url}/${account.accountId}/${names.deadLetterQueue}`;
  }

  async run(): Promise<readonly Finding[]> {
    const { log, people } = this.options;
    log('Roles: without MFA, then with it');
    await this.assumeRoles();
    log(`Sending ${people.length} people, and ${MALFORMED.length} malformed messages`);
    await this.send();
    await this.refuseOthers();
    log('The consumer works; the clock of the account runs ahead');
    await this.settle();
    log('Reading back');
    await this.readTable();
    await this.readDeadLetters();
    await this.readTrail();
    await this.readLogs();
    return this.findings;
  }

  /** Lets the consumer work until every message is written or dead; failed ones wait out their visibility timeout. */
  private async settle(): Promise<void> {
    const { lab, log } = this.options;
    const onProgress = ({ visible, inFlight, processed }: Progress) => log(`  ${visible} messages wait, ${inFlight} are in flight, ${processed} are processed`);
    const { remaining } = await lab.account.settle({ onProgress });
    const left = remaining.map(({ queue, messages, reason }) => `${queue} still holds ${messages} messages: ${reason}`);
    if (left.length > 0) throw new UserError(left.join('\n'));
  }

  /** Tries one cell of the access matrix; what is expected stands there. */
  private async try(actor: string, operation: string, attempt: () => Promise<unknown>): Promise<void> {
    const { outcome, decidedBy } = await observe(this.options.lab.account, attempt);
    const who = this.options.expected[operation];
    if (!who) throw new UserError(`The expected matrix does not know the operation ${operation}`);
    this.findings.push({ what: `${actor} | ${operation}`, expected: who.includes(actor) ? 'allowed' : 'refused', observed: outcome, decidedBy });
  }

  /** The point of the deployment: the pair's second role gets as far as KMS, and no further. */
  private byKms(role: HumanRole): void {
    const decided = this.findings.findLast((finding) => finding.what.startsWith(`${role} |`) && finding.observed === 'refused')?.decidedBy ?? '';
    this.compare(`who refuses ${role}`, 'KMS', decided.includes('kms:') ? 'KMS' : `not KMS: ${decided}`);
  }

  private compare(what: string, expected: string, observed: string): void {
    this.findings.push({ what, expected, observed, decidedBy: '' });
  }

  private async assumeRoles(): Promise<void> {
    const { lab, identities } = this.options;
    const place = { endpoint: lab.endpoint.url, region: lab.account.region };
    const person = await identities.user();
    for (const role of HUMAN_ROLES) {
      await this.try('a user without MFA', `assume ${role}`, () => assumeRole(place, person.accessKey, identities.roleArn(role), 'no-mfa'));
    }
    for (const role of HUMAN_ROLES) {
      await this.try('a user with MFA', `assume ${role}`, () => this.cast.assume(role));
    }
  }

  private async send(): Promise<void> {
    const { people, log } = this.options;
    const { sqs } = this.cast.as('SQSAccessRole');
    const batches = Array.from({ length: Math.ceil(people.length / BATCH) }, (_, index) => people.slice(index * BATCH, (index + 1) * BATCH));
    await this.try('SQSAccessRole', 'people: send', async () => {
      let last: unknown;
      let told = Date.now();
      for (const [index, batch] of batches.entries()) {
        if (Date.now() - told > PROGRESS_MS) {
          log(`  ${index * BATCH} of ${people.length} are sent`);
          told = Date.now();
        }
        const Entries = batch.map((body, index) => ({ Id: String(index), MessageBody: body, MessageAttributes: CREATION }));
        const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
        if (answer.Failed?.length) throw Object.assign(new Error(answer.Failed[0]?.Message), { name: answer.Failed[0]?.Code });
        last ??= answer;
      }
      return last;
    });
    for (const { body, attributes } of MALFORMED) {
      await sqs.send(new SendMessageCommand({ QueueUrl: this.queueUrl, MessageBody: body, MessageAttributes: attributes }));
    }
  }

  private async refuseOthers(): Promise<void> {
    const sendAs = (actor: Actor) => () =>
      actor.sqs.send(new SendMessageCommand({ QueueUrl: this.queueUrl, MessageBody: 'Doe, John', MessageAttributes: CREATION }));
    const receiveAs = (actor: Actor) => () => actor.sqs.send(new ReceiveMessageCommand({ QueueUrl: this.queueUrl }));
    const as = (role: HumanRole) => this.cast.as(role);
    await this.try('SQSAccessNotAllowedRole', 'people: send', sendAs(as('SQSAccessNotAllowedRole')));
    this.byKms('SQSAccessNotAllowedRole');
    await this.try('SQSAccessRole', 'people: send without TLS', sendAs(await this.cast.withoutTls('SQSAccessRole')));
    await this.try('AdminRole', 'people: send', sendAs(as('AdminRole')));
    await this.try('AdminRole', 'people: receive', receiveAs(as('AdminRole')));
    await this.try('KeyManagerRole', 'people: receive', receiveAs(as('KeyManagerRole')));
    await this.try('SQSAccessRole', 'people: receive', receiveAs(as('SQSAccessRole')));
  }

  private async readTable(): Promise<void> {
    const scanAs = (role: HumanRole) => () => this.cast.as(role).table.send(new ScanCommand({ TableName: this.arns.names.table }));
    await this.try('DBAccessNotAllowedRole', 'Person: scan', scanAs('DBAccessNotAllowedRole'));
    this.byKms('DBAccessNotAllowedRole');
    await this.try('AdminRole', 'Person: scan', scanAs('AdminRole'));
    await this.try('KeyManagerRole', 'Person: scan', scanAs('KeyManagerRole'));
    await this.try('DeployerRole', 'Person: scan', scanAs('DeployerRole'));
    await this.try('DBAccessRole', 'Person: scan', scanAs('DBAccessRole'));
    const wanted = new Set(
      this.options.people.map((body) => keyOf(readPerson({ body, messageAttributes: { Action: { dataType: 'String', stringValue: 'creation' } } }))),
    );
    const found = new Set((await this.scanAll()).map(keyOf));
    const missing = [...wanted].filter((key) => !found.has(key)).length;
    const others = [...found].filter((key) => !wanted.has(key)).length;
    this.compare('the table holds who was sent', `${wanted.size} people, 0 missing, 0 others`, `${found.size} people, ${missing} missing, ${others} others`);
  }

  private async scanAll(): Promise<{ Name: string; Firstname: string }[]> {
    const { table } = this.cast.as('DBAccessRole');
    const items: { Name: string; Firstname: string }[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await table.send(new ScanCommand({ TableName: this.arns.names.table, ExclusiveStartKey }));
      items.push(...((page.Items ?? []) as typeof items));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  }

  private async readDeadLetters(): Promise<void> {
    const { sqs } = this.cast.as('OperatorRole');
    const bodies: string[] = [];
    await this.try('OperatorRole', 'people-dead-letters: receive dead letters', async () => {
      let first: unknown;
      for (;;) {
        const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl: this.deadLetterUrl, MaxNumberOfMessages: 10 }));
        first ??= answer;
        if (!answer.Messages?.length) return first;
        bodies.push(...answer.Messages.map((message) => String(message.Body)));
      }
    });
    const wanted = MALFORMED.map(({ body }) => body);
    const exact = bodies.length === wanted.length && wanted.every((body) => bodies.includes(body));
    this.compare(
      'the dead letters are the malformed messages',
      `${wanted.length} of ${wanted.length}`,
      exact ? `${wanted.length} of ${wanted.length}` : `${bodies.length} messages, not the same`,
    );
    await this.try('AdminRole', 'people-dead-letters: receive dead letters', () =>
      this.cast.as('AdminRole').sqs.send(new ReceiveMessageCommand({ QueueUrl: this.deadLetterUrl })),
    );
    await this.try('SQSAccessRole', 'key queue: GenerateDataKey directly', () =>
      this.cast.as('SQSAccessRole').kms.send(
        new GenerateDataKeyCommand({
          KeyId: this.arns.regional('kms', this.arns.names.keyAlias('queue')),
          KeySpec: 'AES_256',
          EncryptionContext: { 'aws:sqs:arn': this.arns.queue },
        }),
      ),
    );
  }

  private async readTrail(): Promise<void> {
    const seen = new Set<string>();
    const { trail } = this.cast.as('SQSAccessRole');
    let NextToken: string | undefined;
    do {
      const page = await trail.send(
        new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: 'kms.amazonaws.com' }], NextToken }),
      );
      for (const event of page.Events ?? []) seen.add(summary(String(event.CloudTrailEvent)));
      NextToken = page.NextToken;
    } while (NextToken);
    const { arns } = this;
    const expected: readonly (readonly [string, string, string])[] = [
      ['SQSAccessRole', 'GenerateDataKey', arns.queue],
      ['SQSAccessRole', 'Decrypt', arns.queue],
      ['ConsumerRole', 'Decrypt', arns.queue],
      ['ConsumerRole', 'Decrypt', arns.names.table],
      ['DBAccessRole', 'Decrypt', arns.names.table],
      ['OperatorRole', 'Decrypt', arns.queue],
    ];
    for (const [role, event, context] of expected) {
      const key = `${arns.names.of(role)} ${event} ${context}`;
      this.compare(
        `CloudTrail shows ${event} by ${role} for ${context.split(':').at(-1)}`,
        'with its encryption context',
        seen.has(key) ? 'with its encryption context' : 'not seen',
      );
    }
  }

  private async readLogs(): Promise<void> {
    const { logs } = this.cast.as('AdminRole');
    const answer = await logs.send(new FilterLogEventsCommand({ logGroupName: this.arns.names.logGroup }));
    const lines = (answer.events ?? []).map((event) => String(event.message));
    const bodies = [...this.options.people, ...MALFORMED.map(({ body }) => body)];
    // In whatever form: a line that holds all parts of a body.
    const leaked = bodies.filter((body) => lines.some((line) => body.split(',').every((part) => line.includes(part.trim()))));
    this.compare(
      'the consumer logs reasons, never a message',
      `0 of ${bodies.length} messages`,
      lines.some((line) => line.includes('UNKNOWN_ACTION')) ? `${leaked.length} of ${bodies.length} messages` : 'no reasons logged',
    );
  }
}

const keyOf = ({ Name, Firstname }: { Name: string; Firstname: string }) => JSON.stringify([Name, Firstname]);

/** Who did what in KMS, with which encryption context, from one event of CloudTrail. */
function summary(event: string): string {
  const { userIdentity, eventName, requestParameters } = JSON.parse(event) as {
    userIdentity: { sessionContext?: { sessionIssuer: { userName: string } } };
    eventName: string;
    requestParameters: { encryptionContext?: Record<string, string> } | null;
  };
  const context = requestParameters?.encryptionContext ?? {};
  return `${userIdentity.sessionContext?.sessionIssuer.userName} ${eventName} ${context['aws:sqs:arn'] ?? context['aws:dynamodb:tableName'] ?? ''}`;
}
