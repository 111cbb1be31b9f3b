import { z } from 'zod';
import { isActorId, isOperationId } from './id-labels';
import type { ActorId, OperationId } from './ids';
import type { Cell } from './matrix';

/** The expected matrix as reviewers read it: for each operation, who can do it. Everybody else cannot. */
export type ExpectedMatrix = Readonly<Partial<Record<OperationId, readonly ActorId[]>>>;

const EXPECTED_MATRIX = z.record(
  z.custom<OperationId>((key) => typeof key === 'string' && isOperationId(key), 'not the id of an operation'),
  z.array(
    z.custom<ActorId>((actor) => typeof actor === 'string' && isActorId(actor), { error: ({ input }) => `${JSON.stringify(input)} is not the id of an actor` }),
  ),
);

/**
 * Reads an expected matrix from parsed JSON.
 *
 * @throws z.ZodError when it is no record of ids of actors by ids of operations
 */
export const parseExpectedMatrix = (json: unknown): ExpectedMatrix => EXPECTED_MATRIX.parse(json);

/** A cell that is not as expected. */
export interface Difference extends Cell {
  readonly expected: 'allowed' | 'denied';
}

/** Who can do what, in the form of the expected matrix; operations in the order of the cells. */
export function summarize(cells: readonly Cell[]): ReadonlyMap<OperationId, readonly ActorId[]> {
  const summary = new Map<OperationId, ActorId[]>();
  for (const { operation, actor, outcome } of cells) {
    const actors = summary.get(operation) ?? [];
    if (outcome === 'allowed') actors.push(actor);
    summary.set(operation, actors);
  }
  return summary;
}

const LINE = 160;

/** The expected matrix as it is kept: an operation a line, as long as its line is not too long. */
export function toText(summary: ReadonlyMap<OperationId, readonly ActorId[]>): string {
  const entries = [...summary].map(([operation, actors]) => {
    const line = `  ${JSON.stringify(operation)}: [${actors.map((actor) => JSON.stringify(actor)).join(', ')}]`;
    if (line.length < LINE) return line;
    return `  ${JSON.stringify(operation)}: [\n${actors.map((actor) => `    ${JSON.stringify(actor)}`).join(',\n')}\n  ]`;
  });
  return `{\n${entries.join(',\n')}\n}\n`;
}

/** What of a matrix is not as expected. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** Operations that are computed, but not in the expected matrix. */
  readonly unknownOperations: readonly OperationId[];
  /** Operations of the expected matrix that are not deployed. */
  readonly missingOperations: readonly OperationId[];
}

/** Cells that are not as expected, and operations that only one side has. */
export function compare(cells: readonly Cell[], expected: ExpectedMatrix): Comparison {
  const wanted = new Map(Object.entries(expected) as [OperationId, readonly ActorId[]][]);
  const operations = new Set(cells.map(({ operation }) => operation));
  const differences = cells.flatMap((cell): Difference[] => {
    const outcome = wanted.get(cell.operation)?.includes(cell.actor) ? 'allowed' : 'denied';
    return cell.outcome === outcome ? [] : [{ ...cell, expected: outcome }];
  });
  return {
    differences,
    unknownOperations: [...operations].filter((operation) => !wanted.has(operation)),
    missingOperations: [...wanted.keys()].filter((operation) => !operations.has(operation)),
  };
}
