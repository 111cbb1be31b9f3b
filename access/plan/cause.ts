import type { DecidingStatement, Decision } from '../../evaluator/decision';
import { many, type StatementDocument } from '../../evaluator/policy/document';
import { type Deployment, documentOf, policiesOf } from '../graph/deployment';
import type { StepDecision } from '../matrix/matrix';

/** The statements of a deployment, to see which of them a plan changes. */
export type Statements = ReadonlyMap<string, string>;

/** The text of every statement by its policy and its Sid or position. */
export function statementsOf(deployment: Deployment | undefined): Statements {
  const all = deployment ? policiesOf(deployment) : [];
  return new Map(
    all.flatMap((policy) =>
      many<StatementDocument>(documentOf(policy)?.Statement).map((statement, index): [string, string] => [
        statementKey({ policy: policy.name, statement: statement.Sid ?? `Statement[${index}]` }),
        JSON.stringify(statement),
      ]),
    ),
  );
}

const statementKey = ({ policy, statement }: Pick<DecidingStatement, 'policy' | 'statement'>) => `${statement} (${policy})`;

/** What in a plan gives a permission: the statement that newly allows, or the one that no longer denies. */
export function causeOfGain(before: readonly StepDecision[], after: readonly StepDecision[], was: Statements, becomes: Statements): string {
  for (const step of before) {
    if (step.decision.outcome === 'allowed') continue;
    const now = sameStep(after, step);
    if (!now) return `${step.action}: not asked for any more`;
    const by = changedFirst(now.decision, was, becomes).map(statementKey);
    if (step.decision.outcome === 'explicitly denied') {
      const gone = step.decision.statements.map(statementKey).join(', ');
      return `${step.action}: ${gone} no longer denies it; ${by.join(', ')} allows it`;
    }
    return `${step.action}: ${by.join(', ')}`;
  }
  return explainAll(after);
}

/** What in a plan takes a permission away: the statement that denies, or the one that no longer allows. */
export function causeOfLoss(before: readonly StepDecision[], after: readonly StepDecision[], was: Statements, becomes: Statements): string {
  const refused = after.find(({ decision }) => decision.outcome !== 'allowed');
  if (!refused) return 'it is gone';
  const { action, decision } = refused;
  if (decision.outcome === 'explicitly denied') return `${action}: ${decision.statements.map(statementKey).join(', ')} denies it`;
  const earlier = sameStep(before, refused);
  const by = earlier ? changedFirst(earlier.decision, becomes, was).map(statementKey) : [];
  if (by.length > 0) return `${action}: ${by.join(', ')} no longer allows it`;
  return `${action}: no ${decision.missing} policy allows it`;
}

const sameStep = (steps: readonly StepDecision[], { action, resource }: StepDecision) =>
  steps.find((step) => step.action === action && step.resource === resource) ?? steps.find((step) => step.action === action);

/**
 * The statements of a decision that are new or were changed; all of them when something else changed, such as
 * an attachment.
 */
function changedFirst({ statements }: Decision, from: Statements, to: Statements): readonly DecidingStatement[] {
  const changed = statements.filter((statement) => from.get(statementKey(statement)) !== to.get(statementKey(statement)));
  return changed.length > 0 ? changed : statements;
}

/** Where nothing was before: what allows the last request. */
function explainAll(steps: readonly StepDecision[]): string {
  const last = steps.at(-1);
  return last ? `${last.action}: ${last.decision.statements.map(statementKey).join(', ')}` : '';
}
