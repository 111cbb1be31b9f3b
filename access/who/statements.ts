import type { Decision } from '../../evaluator/decision';
import { matchesGlob } from '../../evaluator/glob';
import { many, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import { conditionText, type ReadPolicy } from './policies';
import { ADMINISTRATOR } from './principals';

/** The statements of a decision, each with the conditions that are not decided. */
export function statementsOf({ outcome, statements }: Decision, policies: readonly ReadPolicy[]): string[] {
  return statements
    .filter(({ policy }) => policy !== ADMINISTRATOR)
    .map(({ policy: name, statement, type }) => {
      if (type === 'root user') return 'the root user has full access';
      const read = policies.find(({ policy }) => policy.name === name);
      const document = read?.statements.get(statement);
      const conditions = outcome === 'undetermined' && document ? conditionText(document) : '';
      const deny = outcome === 'undetermined' && document?.Effect === 'Deny' ? 'unless denied by ' : '';
      return `${deny}${isUnknown(statement) ? 'a statement' : statement} of ${name}${conditions ? ` (if ${conditions})` : ''}`;
    });
}

/** Whether a statement speaks of an action. */
export function namesAction({ Action, NotAction }: StatementDocument, action: string): boolean {
  const matches = (pattern: string) => matchesGlob(pattern.toLowerCase(), action.toLowerCase());
  return Action === undefined ? !many(NotAction).some(matches) : many(Action).some(matches);
}

const known = new WeakMap<ReadPolicy, Map<string, boolean>>();

/** Whether a policy has a statement that might allow an action: most do not, and need not be asked. */
export function mayAllow(policy: ReadPolicy, action: string): boolean {
  let actions = known.get(policy);
  if (actions === undefined) {
    actions = new Map();
    known.set(policy, actions);
  }
  let may = actions.get(action);
  if (may === undefined) {
    // A policy of which the text is not known, or not valid, has no statements to look at.
    may = policy.statements.size === 0 || [...policy.statements.values()].some((statement) => statement.Effect === 'Allow' && namesAction(statement, action));
    actions.set(action, may);
  }
  return may;
}
