import { lastSegment } from '../../../evaluator/index';
import type { AccountContext, Service } from '../account-context';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import type { Target } from '../operation';
import { QueueEncryption } from './encryption';
import { moveOperations } from './move-tasks';
import type { Queue } from './queue';
import { queueOperations } from './queue-operations';
import { receiveOperations } from './receive-operations';
import { sendOperations } from './send-operations';

/** SQS: standard queues with server-side encryption, redrive and policies. */
export class Sqs implements Service {
  readonly accessDenied = { code: 'AccessDenied', status: 403 };
  /** By name. */
  readonly queues = new Map<string, Queue>();
  readonly encryption: QueueEncryption;

  constructor(readonly account: AccountContext) {
    this.encryption = new QueueEncryption(account);
  }

  readonly operations = { ...queueOperations(this), ...sendOperations(this), ...receiveOperations(this), ...moveOperations(this) };

  url(queue: Queue): string {
    return `${this.account.endpointUrl}/${this.account.accountId}/${queue.name}`;
  }

  /** Finds a queue by its URL; only account and name count, whatever the host is called. */
  byUrl(url: string | undefined): Queue {
    const [, account, name] = /\/(\d{12})\/([^/]+)$/.exec(url ?? '') ?? [];
    return (account === this.account.accountId ? this.queues.get(name ?? '') : undefined) ?? nonExistent();
  }

  byArn(arn: string | undefined): Queue | undefined {
    const queue = this.queues.get(lastSegment(arn ?? ''));
    return queue?.arn === arn ? queue : undefined;
  }

  /** Where messages of a queue go that were received too often, if there is such a queue and it accepts them. */
  deadLetterQueueOf(queue: Queue): Queue | undefined {
    const target = this.byArn(queue.redrivePolicy?.deadLetterTargetArn);
    return target?.acceptsDeadLettersOf(queue.arn) ? target : undefined;
  }

  /**
   * A queue as authorization sees it. An encrypted one takes signed requests only, whatever its policy says.
   * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
   */
  target(queue: Queue, { caller }: Call): Target {
    if (caller.principal.kind === 'anonymous' && queue.isEncrypted) {
      throw new ServiceError('AccessDenied', `Access to the resource ${this.url(queue)} is denied: an encrypted queue takes signed requests only.`, 403);
    }
    return { resource: queue.arn, policy: queue.compiledPolicy() };
  }
}

function nonExistent(): never {
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.', 400, 'AWS.SimpleQueueService.NonExistentQueue');
}
