import { actorLabel, labelsOf, operationLabel } from '../matrix/id-labels';
import type { ActorId, OperationId } from '../matrix/ids';
import type { Cell } from '../matrix/matrix';
import { mistakeText } from '../report/policy-mistakes';
import type { AccessChange } from './access-change';
import { statementText, type WiderStatement } from './wider-statements';

/** A comment on GitHub takes 65,536 characters. */
const MARKDOWN_LIMIT = 60_000;

/** What applying would do to access, for a terminal, a pull request or a program. */
export function renderChange(change: AccessChange, format: 'text' | 'markdown' | 'json'): string {
  if (format === 'json') return toJson(change);
  const { gained, lost, undetermined, statements, lostStatements, protections, pending, warnings, assumed = [] } = change;
  const markdown = format === 'markdown';
  const title = (text: string) => (markdown ? `\n#### ${text}\n` : text);
  const cells = markdown ? markdownCells : textCells;
  const parts = [
    ...(protections.length > 0
      ? [
          title(`Protection lost: ${protections.length}`),
          ...protections.map(({ what, change: how }) => (markdown ? `- **${what}** ${how}` : `  ${what} ${how}`)),
        ]
      : []),
    ...(gained.length > 0 ? [title(`Gained: ${gained.length}`), ...cells(gained)] : []),
    ...(statements.length > 0
      ? [title(`Gained over all requests, by statement, or not known: ${statements.length}`), ...statements.map(markdown ? markdownStatement : textStatement)]
      : []),
    ...(undetermined.length > 0 ? [title(`Not determined before apply: ${undetermined.length}`), ...cells(undetermined)] : []),
    ...(pending.length > 0
      ? [title(`Not settled: ${pending.join(', ')}`), 'They read what the stacks before them have yet to make or to change. Apply those, then ask again.']
      : []),
    ...(lost.length > 0 ? [title(`Lost: ${lost.length}`), ...cells(lost)] : []),
    ...(lostStatements.length > 0
      ? [title(`Lost over all requests, by statement: ${lostStatements.length}`), ...lostStatements.map(markdown ? markdownStatement : textStatement)]
      : []),
  ];
  const mistakes = warnings.map((mistake) => `${markdown ? '- ' : '  '}${mistakeText(mistake)}`);
  const lines = [
    ...assumed.map((text) => `${markdown ? '\n' : ''}Assumed: ${text}`),
    ...(parts.length > 0 ? parts : ['Applying this changes nobody’s access.']),
    ...(mistakes.length > 0 ? [title(`Warnings: ${mistakes.length}`), ...mistakes] : []),
  ];
  return markdown ? shortened(['### Access', ...lines]) : lines.join('\n');
}

const textStatement = (statement: WiderStatement) => `  ${statementText(statement)}`;
const markdownStatement = (statement: WiderStatement) => `- ${statementText({ ...statement, holder: `**${statement.holder}**` })}`;

const toJson = (change: AccessChange) => JSON.stringify({ labels: labelsOf([...change.gained, ...change.lost, ...change.undetermined]), ...change }, null, 1);

interface Group {
  readonly actor: ActorId;
  readonly operations: OperationId[];
  /** The actions that decide, each once. */
  readonly actions: Set<string>;
  readonly by: string;
}

/** Cells of one actor that the same statements decide, together. */
function grouped(cells: readonly Cell[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { actor, operation, decidedBy } of cells) {
    const [, action = '', by = decidedBy] = /^([a-z0-9-]+:\w+): (.*)$/.exec(decidedBy) ?? [];
    const groupKey = JSON.stringify([actor, by]);
    const group = groups.get(groupKey) ?? { actor, operations: [], actions: new Set(), by };
    group.operations.push(operation);
    if (action) group.actions.add(action);
    groups.set(groupKey, group);
  }
  const actors = [...new Set(cells.map(({ actor }) => actor))];
  return actors.flatMap((actor) => [...groups.values()].filter((group) => group.actor === actor));
}

/** The statements, and the action where it is one and the same. */
const byOf = ({ actions, by }: Group) => (actions.size === 1 ? `${[...actions][0]}: ${by}` : by);

const textCells = (cells: readonly Cell[]) =>
  grouped(cells).flatMap((group) => [
    `  ${actorLabel(group.actor)}, by ${byOf(group)}`,
    ...group.operations.map((operation) => `      ${operationLabel(operation)}`),
  ]);

function markdownCells(cells: readonly Cell[]): string[] {
  const escaped = (text: string) => text.replaceAll('|', '\\|');
  return [
    '| who | what | by |',
    '|---|---|---|',
    ...grouped(cells).map(
      (group) => `| ${escaped(actorLabel(group.actor))} | ${escaped(group.operations.map(operationLabel).join('<br>'))} | ${escaped(byOf(group))} |`,
    ),
  ];
}

/** Whole lines, as many as a comment takes. */
function shortened(lines: readonly string[]): string {
  let length = 0;
  const fitting = lines.findIndex((line) => {
    length += line.length + 1;
    return length > MARKDOWN_LIMIT;
  });
  if (fitting < 0) return lines.join('\n');
  return [...lines.slice(0, fitting), '', `… ${lines.length - fitting} more lines. \`npm run access -- plan\` shows all.`].join('\n');
}
