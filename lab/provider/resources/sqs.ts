import { type Context, type ResourceType, tagsOf, text } from '../resource-type';
import { UNKNOWN, type Values } from '../values';
import { syncTags, undefinedIfNotFound } from './shared';
import { uniqueSuffix } from './unique-suffix';

/** Attributes of SQS by their names in Terraform. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  delay_seconds: 'DelaySeconds',
  kms_data_key_reuse_period_seconds: 'KmsDataKeyReusePeriodSeconds',
  kms_master_key_id: 'KmsMasterKeyId',
  max_message_size: 'MaximumMessageSize',
  message_retention_seconds: 'MessageRetentionPeriod',
  policy: 'Policy',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
  redrive_allow_policy: 'RedriveAllowPolicy',
  redrive_policy: 'RedrivePolicy',
  sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
  visibility_timeout_seconds: 'VisibilityTimeout',
};
const NUMBERS = [
  'delay_seconds',
  'kms_data_key_reuse_period_seconds',
  'max_message_size',
  'message_retention_seconds',
  'receive_wait_time_seconds',
  'visibility_timeout_seconds',
];

const url = (values: Values) => ({ QueueUrl: text(values, 'id') });
const known = (value: unknown) => value !== null && value !== undefined && value !== UNKNOWN;

/** aws_sqs_queue */
export const sqsQueue: ResourceType = {
  supportedPaths: ['name', 'name_prefix', 'tags', ...Object.keys(ATTRIBUTES)],
  async create(planned, { account: { sqs }, perform }) {
    const prefix = typeof planned.name_prefix === 'string' && planned.name_prefix ? planned.name_prefix : 'terraform-';
    const set = Object.entries(ATTRIBUTES).filter(([name]) => known(planned[name]) && planned[name] !== '');
    const created = await perform(sqs.operations.CreateQueue, {
      QueueName: typeof planned.name === 'string' ? planned.name : prefix + uniqueSuffix(),
      Attributes: Object.fromEntries(set.map(([name, attribute]) => [attribute, String(planned[name])])),
      tags: tagsOf(planned),
    });
    return String(created.QueueUrl);
  },
  read: (state, { account: { sqs }, perform }) =>
    undefinedIfNotFound(async () => {
      const { Attributes: attributes } = await perform(sqs.operations.GetQueueAttributes, { ...url(state), AttributeNames: ['All'] });
      const { Tags: tags } = await perform(sqs.operations.ListQueueTags, url(state));
      const values = Object.entries(ATTRIBUTES).map(([name, attribute]) => {
        const value = attributes[attribute];
        if (NUMBERS.includes(name)) return [name, Number(value ?? (name === 'kms_data_key_reuse_period_seconds' ? 300 : 0))];
        return [name, name === 'sqs_managed_sse_enabled' ? value === 'true' : (value ?? '')];
      });
      return {
        ...Object.fromEntries(values),
        id: state.id,
        url: state.id,
        arn: attributes.QueueArn,
        name: text(state, 'id').split('/').at(-1),
        name_prefix: '',
        fifo_queue: false,
        content_based_deduplication: false,
        deduplication_scope: '',
        fifo_throughput_limit: '',
        tags_all: tags,
      };
    }),
  async update(prior, planned, changed, { account: { sqs }, perform }) {
    const set = Object.entries(ATTRIBUTES).filter(([name]) => changed.has(name) && planned[name] !== UNKNOWN);
    if (set.length > 0) {
      const Attributes = Object.fromEntries(set.map(([name, attribute]) => [attribute, String(planned[name] ?? '')]));
      await perform(sqs.operations.SetQueueAttributes, { ...url(prior), Attributes });
    }
    await syncTags(prior, planned, {
      add: (tags) => perform(sqs.operations.TagQueue, { ...url(prior), Tags: tags }),
      remove: (keys) => perform(sqs.operations.UntagQueue, { ...url(prior), TagKeys: keys }),
    });
  },
  async delete(state, { account: { sqs }, perform }) {
    await perform(sqs.operations.DeleteQueue, url(state));
  },
};

/** A resource that is one attribute of a queue. */
function queueAttribute(name: string): ResourceType {
  const attribute = String(ATTRIBUTES[name]);
  const set = ({ account: { sqs }, perform }: Context, QueueUrl: string, value: string) =>
    perform(sqs.operations.SetQueueAttributes, { QueueUrl, Attributes: { [attribute]: value } });
  return {
    supportedPaths: ['queue_url', name],
    async create(planned, context) {
      await set(context, text(planned, 'queue_url'), text(planned, name));
      return text(planned, 'queue_url');
    },
    read: (state, { account: { sqs }, perform }) =>
      undefinedIfNotFound(async () => {
        const { Attributes: attributes } = await perform(sqs.operations.GetQueueAttributes, { ...url(state), AttributeNames: [attribute as 'Policy'] });
        return attributes[attribute] ? { id: state.id, queue_url: state.id, [name]: attributes[attribute] } : undefined;
      }),
    async update(prior, planned, _changed, context) {
      await set(context, text(prior, 'id'), text(planned, name));
    },
    async delete(state, context) {
      await undefinedIfNotFound(() => set(context, text(state, 'id'), ''));
    },
  };
}

/** aws_sqs_queue_policy */
export const sqsQueuePolicy = queueAttribute('policy');
/** aws_sqs_queue_redrive_policy */
export const sqsQueueRedrivePolicy = queueAttribute('redrive_policy');
/** aws_sqs_queue_redrive_allow_policy */
export const sqsQueueRedriveAllowPolicy = queueAttribute('redrive_allow_policy');
