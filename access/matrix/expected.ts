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
