/** How many single-character edits may lie between what was typed and what is suggested. */
const MAXIMUM_DISTANCE = 2;

/** ` Did you mean X?` for the known name nearest to what was typed, or nothing. */
export function suggestion(typed: string, known: readonly string[]): string {
  const distances = known.map((name) => ({ name, distance: name.startsWith(typed) ? 0 : editDistance(typed, name) }));
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  if (!nearest || nearest.distance > MAXIMUM_DISTANCE || nearest.distance >= nearest.name.length) return '';
  return ` Did you mean ${nearest.name}?`;
}

/**
 * How many insertions, deletions, replacements of one character and exchanges of two neighbouring ones lie between two
 * words, each place edited once (optimal string alignment).
 */
function editDistance(from: string, to: string): number {
  let [beforePrevious, previous]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const exchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1] ? at(beforePrevious, column - 2) + 1 : Infinity;
      current.push(Math.min(replaced, exchanged, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, to.length);
}

const at = (distances: readonly number[], index: number) => distances[index] ?? Infinity;
