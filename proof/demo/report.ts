import Table from 'cli-table3';
import colour from 'picocolors';
import type { DecidingStatement } from '../../evaluator/index';
import type { Account } from '../../lab/account/account';
import type { Observation } from '../observation';

/** One line of the proof: what was expected, what was observed, and which statement decided. */
export interface Finding {
  readonly what: string;
  readonly expected: string;
  readonly observed: string;
  readonly decidedBy: string;
}

/** Whether what was observed is what was expected. */
export const passed = ({ expected, observed }: Finding) => expected === observed;

/** The findings as a table for the terminal. */
export function renderFindings(findings: readonly Finding[]): string {
  const table = new Table({ head: ['', 'what', 'expected', 'observed', 'deciding statement'], style: { head: [], border: [] } });
  for (const finding of findings) {
    table.push([passed(finding) ? colour.green('✔') : colour.red('✘'), finding.what, finding.expected, finding.observed, finding.decidedBy]);
  }
  return table.toString();
}

/** The action and statement that decided an observation; empty where the account decided nothing. */
export function decidingStatement(account: Account, { decision: recorded }: Observation): string {
  if (!recorded) return '';
  const { action, decision } = recorded;
  const [statement] = decision.statements;
  return statement ? `${action}: ${statement.statement} (${policyName(account, statement)})` : `no ${decision.missing} policy allows ${action}`;
}

/** People know a key by its alias, not by its id. */
function policyName(account: Account, { policy }: DecidingStatement): string {
  const alias = [...account.kms.aliases].find(([, keyId]) => policy.endsWith(keyId));
  return alias ? `policy of key ${alias[0]}` : policy;
}
