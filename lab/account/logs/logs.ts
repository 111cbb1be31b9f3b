import type {
  CreateLogGroupRequest,
  FilteredLogEvent,
  FilterLogEventsRequest,
  InputLogEvent,
  LogGroup as LogGroupOutput,
  PutLogEventsRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AccountContext, Service } from '../account-context';
import { ServiceError } from '../errors';
import { decrypt, encrypt } from '../kms/cipher';
import { type Operation, operationsOf, type Target, unmodelledOf } from '../operation';
import { removeTags, type Tags } from '../tags';

const operation = operationsOf('logs', ['logGroupIdentifier', 'resourceIdentifier', 'resourceArn']);
const unmodelled = unmodelledOf('logs', ['logGroupIdentifier', 'resourceIdentifier', 'resourceArn']);

interface LogEvent {
  readonly timestamp: number;
  readonly ingestedAt: number;
  /** Sealed under the group's data key when it has a key. */
  readonly message: Buffer;
}

interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  key?: { readonly arn: string; readonly dataKey: Uint8Array };
  retentionInDays?: number;
  readonly tags: Tags;
  readonly streams: Map<string, LogEvent[]>;
}

const HEADER = { keyId: '00000000-0000-0000-0000-000000000000', backingKey: 0 };
const MAX_EVENTS = 10_000;

interface GroupNamed {
  logGroupName?: string | undefined;
  /** Name or ARN, for operations that take either. */
  logGroupIdentifier?: string | undefined;
}

/**
 * CloudWatch Logs: groups encrypted by the service in its own name, streams and events.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export class Logs implements Service {
  readonly accessDenied = { code: 'AccessDeniedException', status: 400 };
  private readonly groups = new Map<string, LogGroup>();

  constructor(private readonly account: AccountContext) {}

  readonly operations = {
    CreateLogGroup: operation<CreateLogGroupRequest, object>('CreateLogGroup', {
      event: 'write',
      target: (input) => this.target(input),
      run: async (input) => {
        const name = String(input.logGroupName);
        if (this.groups.has(name)) throw new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists');
        const group: LogGroup = { name, arn: this.arn(name), createdAt: this.account.clock.now(), tags: { ...input.tags }, streams: new Map() };
        if (input.kmsKeyId) group.key = await this.newKey(group, input.kmsKeyId);
        this.groups.set(name, group);
        return {};
      },
    }),
    DeleteLogGroup: this.onGroup<GroupNamed, object>('DeleteLogGroup', 'write', (group) => {
      this.groups.delete(group.name);
      return {};
    }),
    DescribeLogGroups: operation<{ logGroupNamePrefix?: string }, { logGroups: LogGroupOutput[] }>('DescribeLogGroups', {
      event: 'read',
      target: () => ({ resource: this.arn('*') }),
      run: (input) => ({ logGroups: [...this.groups.values()].filter((group) => group.name.startsWith(input.logGroupNamePrefix ?? '')).map(describe) }),
    }),
    PutRetentionPolicy: this.onGroup<GroupNamed & { retentionInDays: number }, object>('PutRetentionPolicy', 'write', (group, input) => {
      group.retentionInDays = input.retentionInDays;
      return {};
    }),
    DeleteRetentionPolicy: this.onGroup<GroupNamed, object>('DeleteRetentionPolicy', 'write', (group) => {
      delete group.retentionInDays;
      return {};
    }),
    AssociateKmsKey: this.onGroup<GroupNamed & { kmsKeyId: string }, object>('AssociateKmsKey', 'write', async (group, input) => {
      group.key = await this.newKey(group, input.kmsKeyId);
      return {};
    }),
    DisassociateKmsKey: this.onGroup<GroupNamed, object>('DisassociateKmsKey', 'write', (group) => {
      delete group.key;
      return {};
    }),
    ListTagsForResource: this.byArn<object, { tags: Tags }>('ListTagsForResource', 'read', (group) => ({ tags: { ...group.tags } })),
    TagResource: this.byArn<{ tags: Tags }, object>('TagResource', 'write', (group, input) => {
      Object.assign(group.tags, input.tags);
      return {};
    }),
    UntagResource: this.byArn<{ tagKeys: string[] }, object>('UntagResource', 'write', (group, input) => {
      removeTags(group.tags, input.tagKeys);
      return {};
    }),
    CreateLogStream: operation<GroupNamed & { logStreamName: string }, object>('CreateLogStream', {
      event: 'write',
      target: (input) => this.target(input, input.logStreamName),
      run: (input) => {
        const { streams } = this.find(input);
        if (streams.has(input.logStreamName)) throw new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');
        streams.set(input.logStreamName, []);
        return {};
      },
    }),
    DeleteLogStream: operation<GroupNamed & { logStreamName: string }, object>('DeleteLogStream', {
      event: 'write',
      target: (input) => this.target(input, input.logStreamName),
      run: (input) => {
        if (!this.find(input).streams.delete(input.logStreamName))
          throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
        return {};
      },
    }),
    PutSubscriptionFilter: unmodelled<GroupNamed>('PutSubscriptionFilter', (input) => this.target(input)),
    DescribeLogStreams: this.onGroup<GroupNamed, { logStreams: { logStreamName: string }[] }>('DescribeLogStreams', 'read', (group) => ({
      logStreams: [...group.streams.keys()].map((logStreamName) => ({ logStreamName })),
    })),
    PutLogEvents: operation<PutLogEventsRequest, object>('PutLogEvents', {
      event: 'data',
      target: (input) => this.target(input, input.logStreamName),
      run: (input) => this.put(input),
    }),
    FilterLogEvents: operation<FilterLogEventsRequest, { events: FilteredLogEvent[]; nextToken?: string }>('FilterLogEvents', {
      event: 'read',
      target: (input) => this.target(input),
      run: (input) => this.filter(input),
    }),
  };

  private arn(name: string): string {
    return this.account.arn('logs', `log-group:${name}`);
  }

  /**
   * A group or stream as authorization sees it, also one that does not exist. Policies name a group as `…:GROUP:*`, except for
   * the actions on its tags, so the ARN has a part for the stream, which is empty where the action is on the group.
   * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
   */
  private target(input: GroupNamed, stream = ''): Target {
    return { resource: `${this.arn(nameOf(input))}:log-stream:${stream}` };
  }

  private find(input: GroupNamed): LogGroup {
    const group = this.groups.get(nameOf(input));
    if (!group) throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  private onGroup<I extends GroupNamed, O>(name: string, event: 'read' | 'write', run: (group: LogGroup, input: I) => O | Promise<O>): Operation<I, O> {
    return operation<I, O>(name, {
      event,
      target: (input) => this.target(input),
      run: (input) => run(this.find(input), input),
    });
  }

  /** Operations on tags, which name the group by its plain ARN, in the request as in policies. */
  private byArn<I extends object, O>(name: string, event: 'read' | 'write', run: (group: LogGroup, input: I) => O): Operation<I & { resourceArn: string }, O> {
    return operation<I & { resourceArn: string }, O>(name, {
      event,
      target: (input) => ({ resource: input.resourceArn }),
      run: (input) => run(this.find({ logGroupName: input.resourceArn.split(':log-group:')[1] }), input),
    });
  }

  private async newKey(group: LogGroup, keyArn: string): Promise<NonNullable<LogGroup['key']>> {
    try {
      const made = await this.account.perform(
        this.account.kms.operations.GenerateDataKey,
        { KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: contextOf(group) },
        this.account.serviceCall(`logs.${this.account.region}.amazonaws.com`),
      );
      return { arn: keyArn, dataKey: made.CiphertextBlob as Uint8Array };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.code !== 'AccessDeniedException') throw new ServiceError('InvalidParameterException', error.message);
      // Text as seen in the field, unconfirmed by AWS.
      throw new ServiceError('AccessDeniedException', `The specified KMS key does not exist or is not allowed to be used with Arn '${group.arn}'`);
    }
  }

  /** The group's data key, opened by the service for every use: a revoked key makes the logs unreadable. */
  private async secretOf(group: LogGroup): Promise<Buffer | undefined> {
    if (!group.key) return undefined;
    const opened = await this.account.perform(
      this.account.kms.operations.Decrypt,
      { CiphertextBlob: group.key.dataKey, EncryptionContext: contextOf(group) },
      this.account.serviceCall(`logs.${this.account.region}.amazonaws.com`),
    );
    return Buffer.from(opened.Plaintext as Uint8Array);
  }

  private async put(input: PutLogEventsRequest): Promise<object> {
    const group = this.find(input);
    const events = group.streams.get(String(input.logStreamName));
    if (!events) throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
    const secret = await this.secretOf(group);
    const ingestedAt = this.account.clock.now();
    for (const { timestamp = ingestedAt, message = '' } of (input.logEvents ?? []) as InputLogEvent[]) {
      const text = Buffer.from(message);
      events.push({ timestamp, ingestedAt, message: secret ? encrypt(HEADER, secret, text, contextOf(group)) : text });
    }
    if (events.length > MAX_EVENTS) events.splice(0, events.length - MAX_EVENTS);
    return {};
  }

  private async filter(input: FilterLogEventsRequest): Promise<{ events: FilteredLogEvent[]; nextToken?: string }> {
    const group = this.find(input);
    if (input.filterPattern && !/^"[^"]*"$|^[\w-]+$/.test(input.filterPattern)) {
      throw new ServiceError('InvalidParameterException', 'The lab knows only filter patterns of one word or one quoted text');
    }
    const word = input.filterPattern?.replaceAll('"', '') ?? '';
    const secret = await this.secretOf(group);
    const all = [...group.streams].flatMap(([logStreamName, events]) =>
      events.map((event, index) => {
        const text = secret ? decrypt(event.message, secret, contextOf(group)) : event.message;
        return { logStreamName, timestamp: event.timestamp, ingestionTime: event.ingestedAt, eventId: `${logStreamName}#${index}`, message: String(text) };
      }),
    );
    const wanted = all
      .filter(
        (event) => event.message.includes(word) && event.timestamp >= (input.startTime ?? 0) && event.timestamp < (input.endTime ?? Number.POSITIVE_INFINITY),
      )
      .sort((a, b) => a.timestamp - b.timestamp);
    const start = Number(input.nextToken ?? 0);
    const end = start + (input.limit ?? MAX_EVENTS);
    return { events: wanted.slice(start, end), ...(end < wanted.length ? { nextToken: String(end) } : {}) };
  }
}

const nameOf = ({ logGroupName, logGroupIdentifier }: GroupNamed) => logGroupName ?? String(logGroupIdentifier).replace(/^arn:.*:log-group:/, '');

const contextOf = (group: LogGroup) => ({ 'aws:logs:arn': group.arn });

function describe(group: LogGroup): LogGroupOutput {
  return {
    logGroupName: group.name,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    creationTime: group.createdAt,
    kmsKeyId: group.key?.arn,
    retentionInDays: group.retentionInDays,
    logGroupClass: 'STANDARD',
    deletionProtectionEnabled: false,
    metricFilterCount: 0,
    storedBytes: 0,
  };
}
