import type { Cell } from '../matrix/matrix';
import type { AccessChange } from './access-change';

/** What applying would do to access, for a terminal or a pull request. */
export function renderChange(change: AccessChange, format: 'text' | 'markdown' | 'json'): string {
  if (format === 'json') return JSON.stringify(change, null, 1);
  const { gained, lost, undetermined, protections } = change;
  if (gained.length + lost.length + undetermined.length + protections.length === 0) {
    return format === 'markdown' ? '### Access\nApplying this changes nobody’s access.' : 'Applying this changes nobody’s access.';
  }
  const cells = format === 'markdown' ? markdownCells : textCells;
  const protection = protections.map(({ what, change: how }) => (format === 'markdown' ? `- **${what}** ${how}` : `  ${what} ${how}`));
  const title = (text: string) => (format === 'markdown' ? `\n#### ${text}\n` : text);
  return [
    ...(format === 'markdown' ? ['### Access'] : []),
    ...(gained.length > 0 ? [title(`Gained: ${gained.length}`), ...cells(gained)] : []),
    ...(protections.length > 0 ? [title(`Protection lost: ${protections.length}`), ...protection] : []),
    ...(undetermined.length > 0 ? [title(`Not determined before apply: ${undetermined.length}`), ...cells(undetermined)] : []),
    ...(lost.length > 0 ? [title(`Lost: ${lost.length}`), ...cells(lost)] : []),
  ].join('\n');
}

const textCells = (cells: readonly Cell[]) => cells.map(({ actor, operation, decidedBy }) => `  ${actor} | ${operation} — ${decidedBy}`);

function markdownCells(cells: readonly Cell[]): string[] {
  const escaped = (text: string) => text.replaceAll('|', '\\|');
  return [
    '| who | what | by |',
    '|---|---|---|',
    ...cells.map(({ actor, operation, decidedBy }) => `| ${escaped(actor)} | ${escaped(operation)} | ${escaped(decidedBy)} |`),
  ];
}
