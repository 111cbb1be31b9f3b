import { randomUUID } from 'node:crypto';
import type { Event, LookupEventsCommandInput, LookupEventsCommandOutput } from '@aws-sdk/client-cloudtrail';
import type { AccountContext, Service } from '../account-context';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { type Operation, operationsOf } from '../operation';

const operation = operationsOf('cloudtrail');

/** Ninety days of management events. Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const HISTORY_MS = 90 * 24 * 3600 * 1000;
const MAX_EVENTS = 50_000;

type Output<T> = Omit<T, '$metadata'>;

/** CloudTrail: the account's event history. */
export class CloudTrail implements Service {
  readonly accessDenied = { code: 'AccessDeniedException', status: 400 };
  private events: Event[] = [];

  constructor(private readonly account: AccountContext) {}

  readonly operations = {
    LookupEvents: operation<LookupEventsCommandInput, Output<LookupEventsCommandOutput>>('LookupEvents', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: (input) => this.lookup(input),
    }),
    // The event history needs no trail, and there is none.
    DescribeTrails: operation<object, { trailList: never[] }>('DescribeTrails', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: () => ({ trailList: [] }),
    }),
  };

  /** Keeps the event of one call, done or refused. */
  record<I, O>(performed: Operation<I, O>, input: I, call: Call, outcome: { output?: O; error?: Error }): void {
    if (performed.event === 'data') return;
    const { parameters, resources = [] } = performed.describe?.(input, outcome.output) ?? {};
    const invokedBy = call.calledVia.at(-1) ?? (call.caller.principal.kind === 'service' ? call.caller.principal.arn : undefined);
    const time = this.account.clock.date();
    const id = randomUUID();
    const detail = {
      eventVersion: '1.11',
      userIdentity: { ...identityOf(call), ...(invokedBy ? { invokedBy } : {}) },
      eventTime: time.toISOString(),
      eventSource: `${performed.service}.amazonaws.com`,
      eventName: performed.name,
      awsRegion: this.account.region,
      sourceIPAddress: invokedBy ?? call.sourceIp,
      userAgent: invokedBy ?? call.userAgent,
      ...(outcome.error ? { errorCode: outcome.error.name.replace(/Exception$/, ''), errorMessage: outcome.error.message } : {}),
      requestParameters: parameters ?? null,
      requestID: call.requestId,
      eventID: id,
      readOnly: performed.event === 'read',
      resources: resources.map(({ type, arn }) => ({ accountId: this.account.accountId, type, ARN: arn })),
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: this.account.accountId,
      eventCategory: 'Management',
    };
    this.events.push({
      EventId: id,
      EventName: performed.name,
      ReadOnly: String(detail.readOnly),
      AccessKeyId: call.caller.accessKeyId,
      EventTime: time,
      EventSource: detail.eventSource,
      Username: call.caller.principal.arn.split('/').at(-1),
      Resources: resources.map(({ type, arn }) => ({ ResourceType: type, ResourceName: arn })),
      CloudTrailEvent: JSON.stringify(detail),
    });
    if (this.events.length > MAX_EVENTS) this.events = this.events.slice(-MAX_EVENTS);
  }

  private lookup(input: LookupEventsCommandInput): Output<LookupEventsCommandOutput> {
    const attributes = input.LookupAttributes ?? [];
    if (attributes.length > 1) throw new ServiceError('InvalidLookupAttributesException', 'You can specify only one lookup attribute');
    const [attribute] = attributes;
    const from = Math.max(this.account.clock.now() - HISTORY_MS, toTime(input.StartTime) ?? 0);
    const to = toTime(input.EndTime) ?? Number.POSITIVE_INFINITY;
    const matching = this.events
      .filter((event) => {
        const time = event.EventTime?.getTime() ?? 0;
        return time >= from && time <= to && (!attribute || matches(event, String(attribute.AttributeKey), attribute.AttributeValue));
      })
      .reverse();
    const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
    if (!Number.isSafeInteger(start) || start < 0) throw new ServiceError('InvalidNextTokenException', 'The token is not valid');
    const end = start + (input.MaxResults ?? 50);
    return { Events: matching.slice(start, end), NextToken: end < matching.length ? String(end) : undefined };
  }
}

/** A time as the SDK types it (a date) or as the wire carries it (seconds). */
function toTime(value: Date | number | undefined): number | undefined {
  return value === undefined ? undefined : typeof value === 'number' ? value * 1000 : value.getTime();
}

function matches(event: Event, key: string, value: string | undefined): boolean {
  switch (key) {
    case 'EventId':
    case 'EventName':
    case 'ReadOnly':
    case 'Username':
    case 'EventSource':
    case 'AccessKeyId':
      return event[key] === value;
    case 'ResourceType':
      return event.Resources?.some((resource) => resource.ResourceType === value) ?? false;
    case 'ResourceName':
      return event.Resources?.some((resource) => resource.ResourceName === value || resource.ResourceName?.endsWith(`/${value}`)) ?? false;
    default:
      throw new ServiceError('InvalidLookupAttributesException', `${key} is not a lookup attribute`);
  }
}

function identityOf({ caller }: Call): Record<string, unknown> {
  const { principal } = caller;
  if (principal.kind === 'service') return { type: 'AWSService' };
  const base = { principalId: caller.userId, arn: principal.arn, accountId: caller.accountId, accessKeyId: caller.accessKeyId };
  if (principal.kind !== 'session')
    return { type: principal.kind === 'root' ? 'Root' : 'IAMUser', ...base, ...(principal.kind === 'user' ? { userName: principal.name } : {}) };
  return {
    type: 'AssumedRole',
    ...base,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: caller.userId.split(':')[0],
        arn: principal.principalArn,
        accountId: caller.accountId,
        userName: principal.name,
      },
    },
  };
}
