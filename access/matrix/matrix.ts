import type { Decision } from '../decision';
import { compileAt, type Deployment } from '../deployment/deployment';
import { evaluate } from '../evaluate';
import { accessRequest } from '../request';
import { isUnknown } from '../unknown';
import type { OperationModel } from './operation';
import { operationsOf } from './operations';
import { type Actor, actorsOf } from './principals';

/** One decided cell. */
export interface Cell {
  readonly actor: string;
  readonly operation: string;
  readonly outcome: 'allowed' | 'denied' | 'undetermined';
  /** The step that decided, and the statement that did. */
  readonly decidedBy: string;
}

/** Decides every principal × operation. */
export function computeMatrix(deployment: Deployment): Cell[] {
  const operations = operationsOf(deployment);
  return actorsOf(deployment).flatMap((actor) => operations.map((operation) => decideCell(actor, operation)));
}

/** An operation is allowed when all its steps are; the first that is not decides. */
export function decideCell(actor: Actor, operation: OperationModel): Cell {
  let open: Cell | undefined;
  let last = '';
  for (const step of operation.steps) {
    if (isUnknown(step.resource)) {
      open ??= {
        actor: actor.name,
        operation: operation.name,
        outcome: 'undetermined',
        decidedBy: `${step.action}: on a resource that only an apply will tell`,
      };
      continue;
    }
    const request = accessRequest(actor.principal, step.action, step.resource, { ...actor.context, ...step.context });
    const decision = evaluate(request, { identity: actor.identity, resource: step.policy && compileAt(step.policy) });
    last = explain(step.action, decision);
    if (decision.outcome === 'allowed') continue;
    const outcome = decision.outcome === 'undetermined' ? 'undetermined' : 'denied';
    const cell: Cell = { actor: actor.name, operation: operation.name, outcome, decidedBy: last };
    if (outcome === 'denied') return cell;
    open ??= cell;
  }
  return open ?? { actor: actor.name, operation: operation.name, outcome: 'allowed', decidedBy: last };
}

function explain(action: string, { statements, missing }: Decision): string {
  const [first] = statements;
  return first ? `${action}: ${first.statement} (${first.policy})` : `${action}: no ${missing} policy allows it`;
}
