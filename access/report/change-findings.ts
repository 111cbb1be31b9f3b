import { cellLabel } from '../matrix/id-labels';
import type { Cell } from '../matrix/matrix';
import type { AccessChange } from '../plan/access-change';
import { statementText, type WiderStatement } from '../plan/wider-statements';
import { cellId } from './accepted';
import { mistakeText } from './policy-mistakes';
import type { RuleId } from './rules';
import type { Finding } from './sarif';

/**
 * What applying would do to access as findings for code scanning, what is gravest first.
 *
 * @example toSarif(changeFindings(accessChange(documents)), { fileOf: () => 'plan.json', version: '1.0.0' });
 */
export function changeFindings(change: AccessChange): Finding[] {
  const addressesIn = (text: string) => addressesOf(change.addresses, text);
  const cellFinding = (rule: RuleId, verb: string) => (cell: Cell) => ({
    rule,
    id: cellId(cell),
    message: `${cellLabel(cell)}: ${verb} by ${cell.decidedBy}`,
    ...placeOf(cell, addressesIn(cell.decidedBy)),
  });
  const [unsupported, undetermined] = [change.undetermined.filter(isUnsupported), change.undetermined.filter((cell) => !isUnsupported(cell))];
  return [
    ...change.gained.map(cellFinding('access-gained', 'gained')),
    ...change.statements.filter((statement) => !statement.undetermined).map((statement) => statementFinding('statement-allows-more', statement, addressesIn)),
    ...change.protections.map(({ id, what, change: how }): Finding => ({ rule: 'protection-lost', id, message: `${what} ${how}`, ...named(what) })),
    ...unsupported.map(({ decidedBy, ...cell }): Finding => {
      const address = cell.actor.replace(/^resource\//, '');
      return { rule: 'unsupported-type', id: cellId(cell), message: `${address}: ${decidedBy}`, addresses: [address] };
    }),
    ...undetermined.map(cellFinding('undetermined', 'not determined before apply,')),
    ...change.statements.filter((statement) => statement.undetermined).map((statement) => statementFinding('undetermined', statement, addressesIn)),
    ...change.pending.map((stack): Finding => {
      const message = `The stack ${stack} reads what the stacks before it have yet to make or to change. Apply those, then ask again`;
      return { rule: 'undetermined', id: `stack/${stack} | not-settled`, message, addresses: [], subject: `stack ${stack}` };
    }),
    ...change.warnings.map((mistake): Finding => ({ rule: 'mistaken-policy', id: mistake.id, message: mistakeText(mistake), addresses: [mistake.address] })),
    ...change.lost.map(cellFinding('access-lost', 'lost')),
    ...change.lostStatements.map((statement) => statementFinding('access-lost', statement, addressesIn)),
  ];
}

const isUnsupported = ({ operation }: Cell) => operation === 'unsupported-type';

function statementFinding(rule: RuleId, stated: WiderStatement, addressesIn: (text: string) => readonly string[]): Finding {
  const { id, holder, statement, address } = stated;
  const addresses = address === undefined ? addressesIn(`${statement} (policy of ${holder})`) : [address];
  return { rule, id, message: statementText(stated), addresses, subject: holder };
}

const placeOf = (cell: Cell, addresses: readonly string[]) => ({ addresses, subject: cell.actor });

/** Protections name what they are about by its address, or by its kind and name. */
const named = (what: string) => (/^(module\.|\w+\.)/.test(what) ? { addresses: [what] } : { addresses: [], subject: what });

/** The addresses of the policies that a text names as decisions do: `Sid (policy)`. */
function addressesOf(addresses: AccessChange['addresses'], text: string): string[] {
  const found = Object.entries(addresses).flatMap(([policy, address]) => (text.includes(`(${policy})`) || text === policy ? [address] : []));
  return [...new Set(found)];
}
