import type { Decision } from '../../evaluator/decision';
import { evaluate } from '../../evaluator/evaluate';
import { accessRequest } from '../../evaluator/request';
import { isUnknown } from '../../evaluator/unknown';
import { compileSource, type Deployment } from '../graph/deployment';
import { type Actor, actorsOf } from './actors';
import type { ActorId, OperationId } from './ids';
import type { OperationModel, OperationStep } from './operation';
import { operationsOf } from './operations';

/** One decided cell. */
export interface Cell {
  readonly actor: ActorId;
  readonly operation: OperationId;
  readonly outcome: 'allowed' | 'denied' | 'undetermined';
  /** The step that decided, and the statement that did. */
  readonly decidedBy: string;
}

/**
 * Decides every actor × operation.
 *
 * @throws PolicyError when a policy is not valid, DeploymentError when ids are not unique
 * @example
 * const cells = computeMatrix(readDeployment(states.flatMap(resourcesOf)));
 * cells.filter(({ operation, outcome }) => operation === 'queue/people/send' && outcome === 'allowed').map(({ actor }) => actor);
 */
export function computeMatrix(deployment: Deployment): Cell[] {
  const operations = operationsOf(deployment);
  return actorsOf(deployment).flatMap((actor) => operations.map((operation) => decideCell(actor, operation)));
}

/** What was decided about one request of an operation. */
export interface StepDecision {
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision;
}

/** Decides every request of an operation, in order. */
export function decideSteps(actor: Actor, operation: OperationModel): StepDecision[] {
  return operation.steps.map((step) => ({ action: step.action, resource: step.resource, decision: decideStep(actor, step) }));
}

/** An operation is allowed when all its steps are; the first that is not decides. */
export function decideCell(actor: Actor, operation: OperationModel): Cell {
  const cell = (outcome: Cell['outcome'], decidedBy: string): Cell => ({ actor: actor.id, operation: operation.id, outcome, decidedBy });
  let undetermined: Cell | undefined;
  let last = '';
  for (const step of operation.steps) {
    const decision = decideStep(actor, step);
    last = explain(step.action, decision);
    if (decision.outcome === 'undetermined') undetermined ??= cell('undetermined', last);
    else if (decision.outcome !== 'allowed') return cell('denied', last);
  }
  return undetermined ?? cell('allowed', last);
}

/** Decides one request of an actor. */
export function decideStep(actor: Actor, step: OperationStep): Decision {
  if (isUnknown(step.resource)) return ON_UNKNOWN;
  const request = accessRequest(actor.principal, step.action, step.resource, { ...actor.context, ...step.context });
  return evaluate(request, { identity: actor.identity, boundary: actor.boundary, resource: step.policy && compileSource(step.policy), grants: step.grants });
}

const ON_UNKNOWN: Decision = {
  outcome: 'undetermined',
  statements: [{ type: 'resource-based', policy: 'not known yet', statement: 'on a resource that is known only after apply' }],
};

function explain(action: string, { statements, missing }: Decision): string {
  const [first] = statements;
  return first ? `${action}: ${first.statement} (${first.policy})` : `${action}: no ${missing} policy allows it`;
}
