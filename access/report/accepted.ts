import { z } from 'zod';
import type { Cell } from '../matrix/matrix';
import type { AccessChange } from '../plan/access-change';

/** A difference that is accepted, and why. */
export interface AcceptedDifference {
  /** Such as `role/AdminRole | queue/people/send` or `key/pipeline-table | not-rotated`. */
  readonly id: string;
  /** Absent only in files of the earlier form, which is a list of ids. */
  readonly reason?: string;
}

const ACCEPTED = z.array(z.union([z.string().min(1), z.strictObject({ id: z.string().min(1), reason: z.string().trim().min(1) })]));

/**
 * Reads accepted differences from parsed JSON: a list of `{ id, reason }`; a plain id is one without a reason, as earlier
 * versions wrote them.
 *
 * @throws z.ZodError when it has another form, or an entry has an empty reason
 */
export function parseAccepted(json: unknown): readonly AcceptedDifference[] {
  return ACCEPTED.parse(json).map((entry) => (typeof entry === 'string' ? { id: entry } : entry));
}

/** The accepted differences as they are kept: an entry a line, so that a review shows each. */
export function acceptedText(accepted: readonly AcceptedDifference[]): string {
  const entries = accepted.map(({ id, reason }) => `  ${JSON.stringify(reason === undefined ? id : { id, reason })}`);
  return entries.length === 0 ? '[]\n' : `[\n${entries.join(',\n')}\n]\n`;
}

/** The id of a cell in lists of accepted differences. */
export const cellId = ({ actor, operation }: Pick<Cell, 'actor' | 'operation'>): string => `${actor} | ${operation}`;

/** What of a change can be accepted: all but what is lost, and stacks that are not settled. */
export function differenceIds({ gained, undetermined, statements, protections }: AccessChange): string[] {
  return [...new Set([...[...gained, ...undetermined].map(cellId), ...[...statements, ...protections].map(({ id }) => id)])];
}

/** A change without what is accepted. */
export function withoutAccepted(change: AccessChange, accepted: readonly AcceptedDifference[]): AccessChange {
  const ids = new Set(accepted.map(({ id }) => id));
  const isOpen = (id: string) => !ids.has(id);
  return {
    ...change,
    gained: change.gained.filter((cell) => isOpen(cellId(cell))),
    undetermined: change.undetermined.filter((cell) => isOpen(cellId(cell))),
    statements: change.statements.filter(({ id }) => isOpen(id)),
    protections: change.protections.filter(({ id }) => isOpen(id)),
  };
}

/** Accepted differences that a change does not have: nothing needs them any more, and they would let the next such change pass. */
export function staleOf(change: AccessChange, accepted: readonly AcceptedDifference[]): AcceptedDifference[] {
  const ids = new Set(differenceIds(change));
  return accepted.filter(({ id }) => !ids.has(id));
}

/**
 * Earlier accepted differences, and all others of a change with a reason.
 *
 * @param reason not empty
 */
export function accept(earlier: readonly AcceptedDifference[], change: AccessChange, reason: string): AcceptedDifference[] {
  const known = new Set(earlier.map(({ id }) => id));
  return [...earlier, ...differenceIds(change).flatMap((id) => (known.has(id) ? [] : [{ id, reason }]))];
}
