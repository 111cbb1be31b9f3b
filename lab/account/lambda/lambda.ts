import { lastSegment } from '../../../evaluator/index';
import type { AccountContext, Service } from '../account-context';
import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { AsyncEvents } from './async-events';
import type { LambdaFunction } from './function';
import { functionOperations } from './function-operations';
import { invokeOperation } from './invoke-operation';
import { mappingOperations } from './mapping-operations';
import type { Poller } from './poller';
import { Runtime } from './runtime';
import { tagOperations } from './tag-operations';
import { urlOperations } from './url-operations';

/** Lambda: functions of Node packages, and event source mappings that feed them from queues. */
export class Lambda implements Service {
  readonly accessDenied = { code: 'AccessDeniedException', status: 403 };
  readonly functions = new Map<string, LambdaFunction>();
  /** By UUID. */
  readonly pollers = new Map<string, Poller>();
  readonly runtime: Runtime;
  readonly asyncEvents: AsyncEvents;
  /** Messages that functions processed and event source mappings deleted. */
  processedMessages = 0;

  constructor(readonly account: AccountContext) {
    this.runtime = new Runtime(account);
    this.asyncEvents = new AsyncEvents(account);
  }

  readonly operations = { ...functionOperations(this), ...tagOperations(this), ...invokeOperation(this), ...mappingOperations(this), ...urlOperations(this) };

  arn(name: string): string {
    return this.account.arn('lambda', `function:${name}`);
  }

  /** Finds a function by name or ARN. */
  find(reference: string | undefined): LambdaFunction {
    const name = lastSegment(String(reference));
    const lambda = this.functions.get(name);
    if (!lambda) throw new ServiceError('ResourceNotFoundException', `Function not found: ${this.arn(name)}`, 404);
    return lambda;
  }

  /** A function as authorization sees it, also one that does not exist yet. */
  target(reference: string | undefined) {
    return { resource: this.arn(lastSegment(String(reference))) };
  }

  /** The caller hands a role to Lambda: it must be allowed to pass it, and Lambda must be trusted to assume it. */
  passRole(roleArn: string, functionName: string, call: Call): void {
    this.account.authorize(
      'iam:PassRole',
      { resource: roleArn, context: { 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': this.arn(functionName) } },
      call,
      { answeredBy: 'lambda' },
    );
    try {
      this.account.sts.serviceSession(roleArn, 'validation', 'lambda.amazonaws.com');
    } catch {
      throw new ServiceError('InvalidParameterValueException', 'The role defined for the function cannot be assumed by Lambda.');
    }
  }

  /** Ends pollers and functions. */
  async close(): Promise<void> {
    this.asyncEvents.stop();
    const stopped = [...this.pollers.values()].map((poller) => poller.stop());
    // Nobody waits for a function that runs: its messages become visible again.
    this.runtime.close();
    await Promise.all(stopped);
  }
}
