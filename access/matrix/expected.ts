import type { Cell } from './matrix';

/** The expected matrix as reviewers read it: for each operation, who can do it. Everybody else cannot. */
export type ExpectedMatrix = Readonly<Record<string, readonly string[]>>;

/** A cell that is not as expected. */
export interface Difference extends Cell {
  readonly expected: 'allowed' | 'denied';
}

/** Who can do what, in the form of the expected matrix. */
export function summarize(cells: readonly Cell[]): Record<string, string[]> {
  const summary: Record<string, string[]> = {};
  for (const { operation, actor, outcome } of cells) {
    summary[operation] ??= [];
    if (outcome === 'allowed') summary[operation].push(actor);
  }
  return summary;
}

const LINE = 160;

/** The expected matrix as it is kept: an operation a line, as long as its line is not too long. */
export function toText(matrix: ExpectedMatrix): string {
  const entries = Object.entries(matrix).map(([operation, actors]) => {
    const line = `  ${JSON.stringify(operation)}: [${actors.map((actor) => JSON.stringify(actor)).join(', ')}]`;
    if (line.length < LINE) return line;
    return `  ${JSON.stringify(operation)}: [\n${actors.map((actor) => `    ${JSON.stringify(actor)}`).join(',\n')}\n  ]`;
  });
  return `{\n${entries.join(',\n')}\n}\n`;
}

/** Cells that are not as expected, and operations that only one side knows. */
export function compare(
  cells: readonly Cell[],
  expected: ExpectedMatrix,
): { differences: Difference[]; unknownOperations: string[]; missingOperations: string[] } {
  const operations = new Set(cells.map((cell) => cell.operation));
  const differences = cells.flatMap((cell): Difference[] => {
    const wanted = expected[cell.operation]?.includes(cell.actor) ? 'allowed' : 'denied';
    return cell.outcome === wanted ? [] : [{ ...cell, expected: wanted }];
  });
  return {
    differences,
    unknownOperations: [...operations].filter((name) => !(name in expected)),
    missingOperations: Object.keys(expected).filter((name) => !operations.has(name)),
  };
}
