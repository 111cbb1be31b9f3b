import Table from 'cli-table3';
import { XMLBuilder } from 'fast-xml-parser';
import { permissionLine, permissionText } from '../permissions/permission-lines';
import type { Permission } from '../permissions/permissions-beyond';
import { mistakeText, type PolicyMistake } from '../report/policy-mistakes';
import { type Difference, summarize } from './expected';
import { actorLabel, cellLabel, labelsOf, operationLabel } from './id-labels';
import type { ActorId, OperationId } from './ids';
import type { Cell } from './matrix';

/** A matrix with what in it is not as expected, ready to be shown. */
export interface Shown {
  readonly cells: readonly Cell[];
  readonly differences: readonly Difference[];
  /** What looks mistaken in the policies. */
  readonly warnings?: readonly PolicyMistake[];
  /** Permissions that no operation of the matrix asks about. */
  readonly otherPermissions: readonly Permission[];
  /** Whether long lists of actions are shown whole rather than counted; JSON always has them whole. */
  readonly whole?: boolean;
}

/** The forms in which a matrix can be shown. */
export const FORMATS: Readonly<Record<string, (shown: Shown) => string>> = { table: toTable, markdown: toMarkdown, json: toJson, junit: toJunit, html: toHtml };

const OUTCOME_TEXT = { allowed: 'yes', denied: 'no', undetermined: '?' } as const;

const cellKey = ({ actor, operation }: Pick<Cell, 'actor' | 'operation'>) => `${actor} ${operation}`;

function toTable(shown: Shown): string {
  const table = new Table({ head: ['operation', 'who can'], style: { head: [], border: [] }, colWidths: [58, 90], wordWrap: true });
  for (const [operation, actors] of summarize(shown.cells)) table.push([operationLabel(operation), actors.map(actorLabel).join(', ') || '-']);
  return [table.toString(), ...otherPermissionLines(shown)].join('\n');
}

const OTHER_PERMISSIONS = 'Other permissions: what policies allow and no operation above asks about';

function otherPermissionLines({ otherPermissions, whole = false }: Shown): string[] {
  if (otherPermissions.length === 0) return [`${OTHER_PERMISSIONS}: none`];
  return [OTHER_PERMISSIONS, ...otherPermissions.map((permission) => `  ${permissionLine(permission, whole)}`)];
}

function toMarkdown({ cells, differences, otherPermissions, whole = false, warnings = [] }: Shown): string {
  const rows = [...summarize(cells)].map(([operation, actors]) => `| ${operationLabel(operation)} | ${actors.map(actorLabel).join(', ') || '–'} |`);
  const wrong = differences.map((difference) => `| ${cellLabel(difference)} | ${difference.expected} | ${difference.outcome} | ${difference.decidedBy} |`);
  const others =
    otherPermissions.length === 0
      ? ['none']
      : [
          '| who | level | actions | on | by |',
          '|---|---|---|---|---|',
          ...otherPermissions
            .map((permission) => permissionText(permission, whole))
            .map(({ who, accessLevel, actions, resources, statement }) => `| ${who} | ${accessLevel} | ${actions} | ${resources} | ${statement} |`),
        ];
  const head = wrong.length > 0 ? ['| who | what | expected | computed | decided by |', '|---|---|---|---|---|', ...wrong, ''] : [];
  const mistakes = warnings.length > 0 ? ['', `Warnings: ${warnings.length}`, '', ...warnings.map((mistake) => `- ${mistakeText(mistake)}`)] : [];
  return [...head, '| operation | who can; everybody else cannot |', '|---|---|', ...rows, '', `${OTHER_PERMISSIONS}:`, '', ...others, ...mistakes].join('\n');
}

function toJson({ cells, differences, otherPermissions, warnings = [] }: Shown): string {
  return JSON.stringify({ labels: labelsOf(cells), cells, differences, otherPermissions, warnings }, null, 1);
}

function toJunit({ cells, differences }: Shown): string {
  const wrong = new Map(differences.map((difference) => [cellKey(difference), difference]));
  const testcase = cells.map((cell) => {
    const difference = wrong.get(cellKey(cell));
    return {
      '@_classname': operationLabel(cell.operation),
      '@_name': actorLabel(cell.actor),
      ...(difference ? { failure: { '@_message': `expected ${difference.expected}, computed ${difference.outcome}: ${difference.decidedBy}` } } : {}),
    };
  });
  const document = { testsuite: { '@_name': 'access matrix', '@_tests': cells.length, '@_failures': differences.length, testcase } };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true }).build(document)}`;
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function toHtml({ cells, differences, otherPermissions, whole = false }: Shown): string {
  const actors = [...new Set(cells.map((cell) => cell.actor))];
  const operations = [...new Set(cells.map((cell) => cell.operation))];
  const cellsByKey = new Map(cells.map((cell) => [cellKey(cell), cell]));
  const wrong = new Set(differences.map(cellKey));
  const cellOf = (actor: ActorId, operation: OperationId) => {
    const cell = cellsByKey.get(cellKey({ actor, operation }));
    if (!cell) return '<td></td>';
    const classes = [cell.outcome, ...(wrong.has(cellKey(cell)) ? ['wrong'] : [])].join(' ');
    return `<td class="${classes}" title="${escaped(`${actorLabel(actor)} · ${operationLabel(operation)}\n${cell.decidedBy}`)}">${OUTCOME_TEXT[cell.outcome]}</td>`;
  };
  const head = actors.map((actor) => `<th scope="col"><span>${escaped(actorLabel(actor))}</span></th>`).join('');
  const rows = operations
    .map((operation) => `<tr><th scope="row">${escaped(operationLabel(operation))}</th>${actors.map((actor) => cellOf(actor, operation)).join('')}</tr>`)
    .join('\n');
  const others = otherPermissions.map((permission) => `<li>${escaped(permissionLine(permission, whole))}</li>`).join('\n');
  return htmlPage(`${cells.length} cells, ${differences.length} not as expected.`, { head, rows, others });
}

function htmlPage(summary: string, { head, rows, others }: { readonly head: string; readonly rows: string; readonly others: string }): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Access matrix</title>
<style>
body { font: 13px system-ui, sans-serif; margin: 1.5rem; color: #222; background: #fff; }
table { border-collapse: collapse; }
th { text-align: left; font-weight: normal; padding: 1px 6px; white-space: nowrap; }
thead th { vertical-align: bottom; height: 17rem; position: sticky; top: 0; background: #fff; z-index: 1; }
tbody th { position: sticky; left: 0; background: #fff; }
thead span { writing-mode: vertical-rl; transform: rotate(180deg); }
td { text-align: center; border: 1px solid #ddd; min-width: 1.9rem; }
.allowed { background: #c8e6c9; font-weight: bold; }
.denied { color: #767676; }
.undetermined { background: #ffe082; }
.wrong { outline: 3px solid #c62828; }
tbody tr:hover th, tbody tr:hover td { border-color: #888; }
td:hover { outline: 2px solid #1565c0; }
</style>
<h1>Who can do what</h1>
<p>${summary} Hover a cell for the statement that decides it.</p>
<table><thead><tr><th></th>${head}</tr></thead>
<tbody>
${rows}
</tbody></table>
<p>${OTHER_PERMISSIONS}:</p>
<ul>
${others || '<li>none</li>'}
</ul>
</html>
`;
}
