import { notModelled, ServiceError } from '../errors';

/** Settable attributes with their defaults and, for numbers, their range. */
const SETTABLE: Readonly<Record<string, { default: string; range?: readonly [number, number]; json?: true }>> = {
  DelaySeconds: { default: '0', range: [0, 900] },
  MaximumMessageSize: { default: '262144', range: [1024, 1_048_576] },
  MessageRetentionPeriod: { default: '345600', range: [60, 1_209_600] },
  ReceiveMessageWaitTimeSeconds: { default: '0', range: [0, 20] },
  VisibilityTimeout: { default: '30', range: [0, 43_200] },
  Policy: { default: '', json: true },
  RedrivePolicy: { default: '', json: true },
  RedriveAllowPolicy: { default: '', json: true },
  KmsMasterKeyId: { default: '' },
  KmsDataKeyReusePeriodSeconds: { default: '300', range: [60, 86_400] },
  SqsManagedSseEnabled: { default: 'true' },
};

/** The attributes of a queue made without any. */
export function defaultAttributes(): Record<string, string> {
  return Object.fromEntries(Object.entries(SETTABLE).map(([name, { default: value }]) => [name, value]));
}

/**
 * Checks attributes that a caller sets.
 *
 * @throws ServiceError naming the attribute that is unknown or out of range
 */
export function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (/^(FifoQueue|ContentBasedDeduplication|DeduplicationScope|FifoThroughputLimit)$/.test(name)) {
      if (value === 'false') continue;
      throw notModelled('FIFO queues');
    }
    const rule = SETTABLE[name];
    if (!rule) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    if (rule.range && !inRange(value, rule.range)) throw invalid(name);
    if (rule.json && value !== '' && !isObject(value)) throw invalid(name);
  }
}

/** SQS's answer to a value that an attribute cannot have. */
export function invalid(name: string): ServiceError {
  return new ServiceError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

function inRange(value: string, [low, high]: readonly [number, number]): boolean {
  return /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high;
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
