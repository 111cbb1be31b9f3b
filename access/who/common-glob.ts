/**
 * A pattern that only matches what two patterns both match, in which `*` stands for any text and `?` for any character;
 * `undefined` when they have no text in common. It keeps a star where both have one.
 *
 * @example commonGlob('b*-x?', 'bucket-*'); // 'bucket-x?'
 */
export function commonGlob(first: string, second: string): string | undefined {
  const failed = new Set<number>();
  const from = (i: number, j: number): string | undefined => {
    const [a, b] = [first[i], second[j]];
    if (a === undefined && b === undefined) return '';
    const state = i * (second.length + 1) + j;
    if (failed.has(state)) return undefined;
    for (const { text, i: steps, j: others } of optionsOf(a, b)) {
      const rest = from(i + steps, j + others);
      if (rest !== undefined) return text + rest;
    }
    failed.add(state);
    return undefined;
  };
  return from(0, 0);
}

/** A text that both match, and how many characters of each pattern it uses up. */
interface Option {
  readonly text: string;
  readonly i: 0 | 1;
  readonly j: 0 | 1;
}

/** How two patterns can go on, the widest first. */
function optionsOf(a: string | undefined, b: string | undefined): Option[] {
  if (a === '*' && b === '*')
    return [
      { text: '*', i: 1, j: 1 },
      { text: '*', i: 1, j: 0 },
      { text: '*', i: 0, j: 1 },
    ];
  if (a === '*') return [...(b === undefined ? [] : [{ text: b, i: 0, j: 1 } as const]), { text: '', i: 1, j: 0 }];
  if (b === '*') return [...(a === undefined ? [] : [{ text: a, i: 1, j: 0 } as const]), { text: '', i: 0, j: 1 }];
  if (a === undefined || b === undefined) return [];
  if (a === b || b === '?') return [{ text: a, i: 1, j: 1 }];
  return a === '?' ? [{ text: b, i: 1, j: 1 }] : [];
}
