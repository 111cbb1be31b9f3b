import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { SqsQueueRedriveAllowPolicy } from '@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy';
import { Construct } from 'constructs';
import type { Arns } from '../names';
import { policyJson } from '../policies/document';
import { deadLetterQueuePolicy, queuePolicy } from '../policies/resources';
import type { Settings } from '../settings';

/** What the construct {@link Queues} needs to know. */
export interface QueuesProps {
  readonly settings: Settings;
  readonly arns: Arns;
  readonly keyArn: string;
}

/** After this many receives a message counts as dead; AWS advises at least five for Lambda. */
const MAX_RECEIVE_COUNT = 5;

/** The queue and its dead-letter queue, both encrypted with the queue's key. */
export class Queues extends Construct {
  readonly queue: SqsQueue;
  readonly deadLetterQueue: SqsQueue;
  /** The policy that keeps everybody but the consumer from receiving. */
  readonly queuePolicy: SqsQueuePolicy;

  constructor(scope: Construct, id: string, { settings, arns, keyArn }: QueuesProps) {
    super(scope, id);
    const { names } = arns;
    this.deadLetterQueue = new SqsQueue(this, 'deadLetterQueue', {
      name: names.deadLetterQueue,
      kmsMasterKeyId: keyArn,
      kmsDataKeyReusePeriodSeconds: 300,
      messageRetentionSeconds: settings.deadLetterRetentionSeconds,
    });
    this.queue = new SqsQueue(this, 'queue', {
      name: names.queue,
      kmsMasterKeyId: keyArn,
      kmsDataKeyReusePeriodSeconds: 300,
      visibilityTimeoutSeconds: settings.visibilityTimeoutSeconds,
      messageRetentionSeconds: settings.messageRetentionSeconds,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: this.deadLetterQueue.arn, maxReceiveCount: MAX_RECEIVE_COUNT }),
    });
    this.queuePolicy = new SqsQueuePolicy(this, 'queuePolicy', { queueUrl: this.queue.url, policy: policyJson(queuePolicy(arns)) });
    new SqsQueuePolicy(this, 'deadLetterQueuePolicy', { queueUrl: this.deadLetterQueue.url, policy: policyJson(deadLetterQueuePolicy(arns)) });
    new SqsQueueRedriveAllowPolicy(this, 'redriveAllowPolicy', {
      queueUrl: this.deadLetterQueue.url,
      redriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [this.queue.arn] }),
    });
  }
}
