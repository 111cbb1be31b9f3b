import fc from 'fast-check';
import { matchesGlob } from '../../evaluator/glob';
import { globsOverlap } from '../../evaluator/service-data/globs';

/** The plain definition, with every possibility looked at once. */
function matchesByDefinition(pattern: readonly string[], text: readonly string[]): boolean {
  const known = new Map<number, boolean>();
  const matches = (i: number, j: number): boolean => {
    const key = i * (text.length + 1) + j;
    const before = known.get(key);
    if (before !== undefined) return before;
    const letter = pattern[i];
    let result: boolean;
    if (letter === undefined) result = j === text.length;
    else if (letter === '*') result = matches(i + 1, j) || (j < text.length && matches(i, j + 1));
    else result = j < text.length && (letter === '?' || letter === text[j]) && matches(i + 1, j + 1);
    known.set(key, result);
    return result;
  };
  return matches(0, 0);
}

const pattern = fc.array(fc.constantFrom('a', 'b', '?', '*', '😀'), { maxLength: 9 });
const text = fc.array(fc.constantFrom('a', 'b', 'é', '😀'), { maxLength: 9 });

/** Milliseconds; the best of three, so that another process on the machine does not count. */
function fastest(run: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return Math.min(...times);
}

describe('a pattern', () => {
  it('matches what its definition says', () => {
    fc.assert(
      fc.property(pattern, text, (letters, characters) => {
        expect(matchesGlob(letters.join(''), characters.join(''))).toBe(matchesByDefinition(letters, characters));
      }),
      { numRuns: 5000 },
    );
  });

  it('matches the same when its parts and the text are long', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.nat(40), fc.nat(300), (parts, stretch, length) => {
        const long = parts.map((letters) => letters.join('') + 'a'.repeat(stretch)).join('*b');
        const subject = `${long.replaceAll('*', 'aab').replaceAll('?', 'x')}${'a'.repeat(length)}`;
        expect(matchesGlob(long, subject)).toBe(matchesByDefinition([...long], [...subject]));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['five stars against eighty letters', `${'*a'.repeat(5)}*b*`, 'a'.repeat(80)],
    ['32 stars against 10,000 letters', `${'*a'.repeat(32)}*b*`, 'a'.repeat(10_000)],
    ['a part that nearly occurs everywhere', `*b${'a'.repeat(3000)}*`, 'a'.repeat(10_000)],
    ['question marks', `*${'a?'.repeat(500)}b*`, 'a'.repeat(10_000)],
  ])('takes no time that grows with the possibilities: %s', (_title, letters, subject) => {
    expect(matchesGlob(letters, subject)).toBe(false);
    // Backtracking takes seconds to years; linear search well under a millisecond a thousand letters.
    expect(fastest(() => matchesGlob(letters, subject))).toBeLessThan(500);
  });
});

describe('two patterns', () => {
  it('overlap exactly when some short text matches both', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '?', '*'), { maxLength: 4 }).map((list) => list.join(''));
    const texts = [
      '',
      ...['a', 'b'].flatMap((x) => [x, ...['a', 'b'].flatMap((y) => [x + y, ...['a', 'b'].flatMap((z) => [x + y + z, `${x}${y}${z}a`, `${x}${y}${z}b`])])]),
    ];
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        if (texts.some((subject) => matchesGlob(a, subject) && matchesGlob(b, subject))) expect(globsOverlap(a, b)).toBe(true);
        if (!a.includes('*') && !b.includes('*')) expect(globsOverlap(a, b)).toBe(texts.some((subject) => matchesGlob(a, subject) && matchesGlob(b, subject)));
      }),
    );
  });

  it('of thousands of letters are compared without running out of stack', () => {
    expect(globsOverlap(`${'a'.repeat(3000)}*`, `*${'a'.repeat(3000)}`)).toBe(true);
  });
});
