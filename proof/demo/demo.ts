import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { ExpectedMatrix } from '../../access/matrix/expected';
import { cellLabel } from '../../access/matrix/id-labels';
import type { ActorId, OperationId } from '../../access/matrix/ids';
import type { Lab } from '../../lab/lab';
import { Arns, HUMAN_ROLES, type HumanRole, type Names } from '../../stacks/names';
import type { Settings } from '../../stacks/settings';
import type { CallOptions } from '../clients';
import { CREATION, personCreatedBy } from '../creation';
import type { Identities } from '../identities';
import { assumeRole } from '../mfa-user';
import { isRefused, type Observation, observe } from '../observation';
import { keyUses } from './key-uses';
import { loggedBodies } from './logged-bodies';
import { MALFORMED } from './messages';
import { processAll, progressOf } from './progress';
import { decidingStatement, type Finding } from './report';
import { RoleClients } from './role-clients';
import { keyOf, storedPeople } from './stored-people';

/** How many messages SQS takes in one request. */
const BATCH = 10;

/** What the demo runs with. */
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

/** Runs the main job through real AWS clients: who can send, process and read, and who cannot. */
export class Demo {
  private readonly findings: Finding[] = [];
  private readonly roles: RoleClients;
  private readonly arns: Arns;
  private readonly queueUrl: string;
  private readonly deadLetterUrl: string;

  constructor(private readonly options: DemoOptions) {
    const { lab, names, identities } = options;
    const { account } = lab;
    this.roles = new RoleClients(lab, identities);
    this.arns = new Arns(names, { partition: account.partition, region: account.region, account: account.accountId });
    this.queueUrl = `${lab.endpoint.url}/${account.accountId}/${names.queue}`;
    this.deadLetterUrl = `${lab.endpoint.url}/${account.accountId}/${names.deadLetterQueue}`;
  }

  /** @returns what was expected and observed, in order */
  async run(): Promise<readonly Finding[]> {
    const { log, people, lab } = this.options;
    log('Roles: without MFA, then with it');
    await this.assumeRoles();
    log(`Sending ${people.length} people, and ${MALFORMED.length} malformed messages`);
    await this.send();
    await this.refuseOthers();
    log('The consumer works; the clock of the account runs ahead');
    await processAll(lab.account, log);
    log('Reading back');
    await this.readTable();
    await this.readDeadLetters();
    await this.readTrail();
    await this.readLogs();
    return this.findings;
  }

  /** Tries one cell of the access matrix, and compares with what the expected matrix says. */
  private async try(actor: ActorId, operation: OperationId, attempt: () => Promise<unknown>): Promise<Observation> {
    const { account } = this.options.lab;
    const observation = await observe(account, attempt());
    const allowed = this.options.expected[operation];
    if (!allowed) throw new Error(`The expected matrix has no operation ${operation}`);
    this.findings.push({
      what: cellLabel({ actor, operation }),
      expected: allowed.includes(actor) ? 'allowed' : 'refused',
      observed: isRefused(observation) ? 'refused' : (observation.error?.name ?? 'allowed'),
      decidedBy: decidingStatement(account, observation),
    });
    return observation;
  }

  /** Tries one cell as a role, with the role's clients. */
  private tryAs(role: HumanRole, operation: OperationId, attempt: (role: HumanRole) => Promise<unknown>): Promise<Observation> {
    return this.try(`role/${role}`, operation, () => attempt(role));
  }

  /** The point of the deployment: the pair's second role gets as far as KMS, and no further. */
  private refusedByKms(role: HumanRole, observation: Observation): void {
    const refused = isRefused(observation) ? observation.decision?.action : undefined;
    this.compare(`who refuses ${role}`, 'KMS', refused?.startsWith('kms:') ? 'KMS' : `not KMS: ${refused ?? 'nobody'}`);
  }

  private compare(what: string, expected: string, observed: string): void {
    this.findings.push({ what, expected, observed, decidedBy: '' });
  }

  private async assumeRoles(): Promise<void> {
    const { lab, identities } = this.options;
    const environment = { endpoint: lab.endpoint.url, region: lab.account.region };
    const user = await identities.user();
    for (const role of HUMAN_ROLES) {
      await this.try('user/no-mfa', `role/${role}/assume`, () => assumeRole(environment, user.accessKey, identities.roleArn(role), 'no-mfa'));
    }
    for (const role of HUMAN_ROLES) {
      await this.try('user/mfa', `role/${role}/assume`, () => this.roles.assume(role));
    }
  }

  private async send(): Promise<void> {
    const { people, log } = this.options;
    const report = progressOf('are sent', people.length, log);
    const sqs = this.roles.as('SQSAccessRole').of('sqs');
    const batches = Array.from({ length: Math.ceil(people.length / BATCH) }, (_, index) => people.slice(index * BATCH, (index + 1) * BATCH));
    await this.try('role/SQSAccessRole', 'queue/people/send', async () => {
      let first: unknown;
      for (const [index, batch] of batches.entries()) {
        report(index * BATCH);
        const Entries = batch.map((body, position) => ({ Id: String(position), MessageBody: body, MessageAttributes: CREATION }));
        const answer = await sqs.sendMessageBatch({ QueueUrl: this.queueUrl, Entries });
        if (answer.Failed?.length) throw Object.assign(new Error(answer.Failed[0]?.Message), { name: answer.Failed[0]?.Code });
        first ??= answer;
      }
      return first;
    });
    for (const { body, attributes } of MALFORMED) {
      await sqs.sendMessage({ QueueUrl: this.queueUrl, MessageBody: body, MessageAttributes: attributes });
    }
  }

  private async refuseOthers(): Promise<void> {
    const send = (role: HumanRole, options?: CallOptions) =>
      this.roles.as(role).of('sqs', options).sendMessage({ QueueUrl: this.queueUrl, MessageBody: 'Doe, John', MessageAttributes: CREATION });
    const receive = (role: HumanRole) => this.roles.as(role).of('sqs').receiveMessage({ QueueUrl: this.queueUrl });
    this.refusedByKms('SQSAccessNotAllowedRole', await this.tryAs('SQSAccessNotAllowedRole', 'queue/people/send', send));
    await this.tryAs('SQSAccessRole', 'queue/people/send-without-tls', (role) => send(role, { plain: true }));
    await this.tryAs('AdminRole', 'queue/people/send', send);
    for (const role of ['AdminRole', 'KeyManagerRole', 'SQSAccessRole'] as const) await this.tryAs(role, 'queue/people/receive', receive);
  }

  private async readTable(): Promise<void> {
    const scan = (role: HumanRole) => this.roles.as(role).of('dynamodb').scan({ TableName: this.arns.names.table });
    this.refusedByKms('DBAccessNotAllowedRole', await this.tryAs('DBAccessNotAllowedRole', 'table/Person/scan', scan));
    for (const role of ['AdminRole', 'KeyManagerRole', 'DeployerRole', 'DBAccessRole'] as const) await this.tryAs(role, 'table/Person/scan', scan);
    const wanted = new Set(this.options.people.map((body) => keyOf(personCreatedBy(body))));
    const stored = new Set((await storedPeople(this.roles.as('DBAccessRole'), this.arns.names.table)).map(keyOf));
    const missing = [...wanted].filter((key) => !stored.has(key)).length;
    const others = [...stored].filter((key) => !wanted.has(key)).length;
    this.compare('the table holds who was sent', `${wanted.size} people, 0 missing, 0 others`, `${stored.size} people, ${missing} missing, ${others} others`);
  }

  private async readDeadLetters(): Promise<void> {
    const receive = (role: HumanRole) => this.roles.as(role).of('sqs').receiveMessage({ QueueUrl: this.deadLetterUrl, MaxNumberOfMessages: 10 });
    const bodies: string[] = [];
    await this.tryAs('OperatorRole', 'queue/people-dead-letters/receive-dead-letters', async (role) => {
      let first: unknown;
      for (;;) {
        const answer = await receive(role);
        first ??= answer;
        if (!answer.Messages?.length) return first;
        bodies.push(...answer.Messages.map((message) => String(message.Body)));
      }
    });
    const wanted = MALFORMED.map(({ body }) => body);
    const exact = bodies.length === wanted.length && wanted.every((body) => bodies.includes(body));
    this.compare(
      'the dead-letter messages are the malformed ones',
      `${wanted.length} of ${wanted.length}`,
      exact ? `${wanted.length} of ${wanted.length}` : `${bodies.length} messages, not the same`,
    );
    await this.tryAs('AdminRole', 'queue/people-dead-letters/receive-dead-letters', receive);
    await this.tryAs('SQSAccessRole', 'key/queue/GenerateDataKey-directly', (role) =>
      this.roles
        .as(role)
        .of('kms')
        .generateDataKey({
          KeyId: this.arns.regional('kms', this.arns.names.keyAlias('queue')),
          KeySpec: 'AES_256',
          EncryptionContext: { 'aws:sqs:arn': this.arns.queue },
        }),
    );
  }

  private async readTrail(): Promise<void> {
    const used = await keyUses(this.roles.as('SQSAccessRole'));
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
      const isLogged = used.some((use) => use.role === arns.names.of(role) && use.event === event && use.context === context);
      this.compare(
        `CloudTrail shows ${event} by ${role} for ${context.split(':').at(-1)}`,
        'with its encryption context',
        isLogged ? 'with its encryption context' : 'not seen',
      );
    }
  }

  private async readLogs(): Promise<void> {
    const lines: string[] = [];
    const pages = paginateFilterLogEvents({ client: this.roles.as('AdminRole').of('logs') }, { logGroupName: this.arns.names.logGroup });
    for await (const { events = [] } of pages) for (const { message } of events) lines.push(String(message));
    const bodies = [...this.options.people, ...MALFORMED.map(({ body }) => body)];
    const leaked = loggedBodies(bodies, lines);
    this.compare(
      'the consumer logs reasons, never a message',
      `0 of ${bodies.length} messages`,
      lines.some((line) => line.includes('UNKNOWN_ACTION')) ? `${leaked.length} of ${bodies.length} messages` : 'no reasons logged',
    );
  }
}
