const isWild = (letter: string | undefined) => letter === '*' || letter === '?';

/**
 * Whether some text matches both patterns, in which `*` stands for any text and `?` for any character. The time is at most
 * the product of their lengths; patterns that begin or end with different letters take next to none.
 */
export function globsOverlap(a: string, b: string): boolean {
  let from = 0;
  while (from < a.length && from < b.length && !isWild(a[from]) && !isWild(b[from])) {
    if (a[from] !== b[from]) return false;
    from += 1;
  }
  let [endOfA, endOfB] = [a.length, b.length];
  while (endOfA > from && endOfB > from && !isWild(a[endOfA - 1]) && !isWild(b[endOfB - 1])) {
    if (a[endOfA - 1] !== b[endOfB - 1]) return false;
    endOfA -= 1;
    endOfB -= 1;
  }
  return overlap(a.slice(from, endOfA), b.slice(from, endOfB));
}

function overlap(a: string, b: string): boolean {
  // Row i, column j: whether the rest of `a` from i and the rest of `b` from j have a text in common.
  let below = new Uint8Array(b.length + 2);
  for (let i = a.length; i >= 0; i--) {
    const row = new Uint8Array(b.length + 2);
    const x = a[i];
    for (let j = b.length; j >= 0; j--) {
      const y = b[j];
      if (x === undefined && y === undefined) row[j] = 1;
      else if (x === '*' || y === '*')
        row[j] =
          (x === '*' ? (below[j] ?? 0) : 0) |
          (y === '*' ? (row[j + 1] ?? 0) : 0) |
          (x === '*' && y !== undefined ? (row[j + 1] ?? 0) : 0) |
          (y === '*' && x !== undefined ? (below[j] ?? 0) : 0);
      else if (x !== undefined && y !== undefined && (x === y || x === '?' || y === '?')) row[j] = below[j + 1] ?? 0;
    }
    below = row;
  }
  return below[0] === 1;
}
