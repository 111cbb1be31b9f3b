/** Whether some text matches both patterns, in which `*` stands for any text and `?` for any character. */
export function globsOverlap(a: string, b: string): boolean {
  const seen = new Map<number, boolean>();
  const overlap = (i: number, j: number): boolean => {
    const slot = i * (b.length + 1) + j;
    const before = seen.get(slot);
    if (before !== undefined) return before;
    const result = step(i, j);
    seen.set(slot, result);
    return result;
  };
  const step = (i: number, j: number): boolean => {
    if (i === a.length && j === b.length) return true;
    if (a[i] === '*') return overlap(i + 1, j) || (j < b.length && overlap(i, j + 1));
    if (b[j] === '*') return overlap(i, j + 1) || (i < a.length && overlap(i + 1, j));
    if (i === a.length || j === b.length) return false;
    return (a[i] === b[j] || a[i] === '?' || b[j] === '?') && overlap(i + 1, j + 1);
  };
  return overlap(0, 0);
}
