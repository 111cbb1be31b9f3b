import type { ContextInput, Grant, Policy } from '../../evaluator/index';
import type { Call } from './caller';
import { notModelled } from './errors';

/** What an operation acts upon, as authorization sees it. */
export interface Target {
  /** ARN, or `*` for an operation without a resource. */
  readonly resource: string;
  /** The resource's own policy. */
  readonly policy?: Policy;
  readonly grants?: readonly Grant[];
  /** Condition keys of the service, e.g. `kms:EncryptionContext:…`. */
  readonly context?: ContextInput;
  /** The caller's MFA, when the call itself brings it (AssumeRole with a token code). */
  readonly mfaAt?: number;
}

/** One API operation: what it acts upon, and what it does once that is allowed. */
export interface Operation<Input, Output> {
  readonly service: string;
  readonly name: string;
  /** The IAM action, `service:Operation`; `none` for operations that everybody with credentials may call. */
  readonly action: string;
  /** Management operations appear in CloudTrail's event history, data operations do not. */
  readonly event: 'read' | 'write' | 'data';
  /**
   * Members of the input that name the resource by its ARN, its queue URL or its account: the request is about that account.
   * What is named otherwise, or by no member, is of the caller's own.
   */
  readonly resourceMembers: readonly string[];
  target(input: Input, call: Call): Target | Promise<Target>;
  run(input: Input, call: Call): Output | Promise<Output>;
  /** What CloudTrail shows of the request; nothing by default, so that no secret gets there by accident. */
  describe?(input: Input, output?: Output): { parameters?: Record<string, unknown>; resources?: { type: string; arn: string }[] };
}

/** The operations of one service by name, as the endpoint finds them. */
export type Operations = Readonly<Record<string, Operation<never, unknown>>>;

/** The parts of an operation that a service's factory does not know. */
export type Definition<Input, Output> = Omit<Operation<Input, Output>, 'service' | 'name' | 'action' | 'resourceMembers'> & {
  readonly action?: string;
  readonly resourceMembers?: readonly string[];
};

/**
 * Makes the operations of one service; the IAM action has the operation's name unless said otherwise.
 *
 * @param resourceMembers members of most of their inputs that name the resource
 */
export function operationsOf(service: string, resourceMembers: readonly string[] = []) {
  return <Input, Output>(name: string, definition: Definition<Input, Output>): Operation<Input, Output> => ({
    service,
    name,
    ...definition,
    resourceMembers: definition.resourceMembers ?? resourceMembers,
    action: definition.action ?? `${service}:${name}`,
  });
}

/**
 * Operations that the lab does not model. Like AWS it refuses a caller without permission first, and only then the operation by name.
 *
 * @param more permissions that the operation asks for in addition to its own
 */
export function unmodelledOf(service: string, resourceMembers: readonly string[] = []) {
  return <Input>(
    name: string,
    target: (input: Input, call: Call) => Target,
    { action, more }: { action?: string; more?: (input: Input, call: Call) => void } = {},
  ): Operation<Input, never> =>
    operationsOf(service, resourceMembers)<Input, never>(name, {
      action,
      event: 'write',
      target,
      run: (input, call) => {
        more?.(input, call);
        throw notModelled(`${service}:${name}`);
      },
    });
}
