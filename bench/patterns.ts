/**
 * Measures pattern matching against texts that make backtracking explode. Run: npx tsx bench/patterns.ts
 */
import { matchesGlob } from '../evaluator/glob';

const RUNS = 21;
const CASES: readonly (readonly [title: string, pattern: string, text: string])[] = [
  ['32 stars against 10,000 letters', `${'*a'.repeat(32)}*b*`, 'a'.repeat(10_000)],
  ['1,000 stars against 10,000 letters', `${'*a'.repeat(1000)}*b*`, 'a'.repeat(10_000)],
  ['a part of 3,000 letters that nearly occurs everywhere', `*b${'a'.repeat(3000)}*`, 'a'.repeat(10_000)],
  ['a part of 1,000 letters with question marks', `*${'a?'.repeat(500)}b*`, 'a'.repeat(10_000)],
];

for (const [title, pattern, text] of CASES) {
  const times = Array.from({ length: RUNS }, () => {
    const started = performance.now();
    matchesGlob(pattern, text);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  process.stdout.write(`${title}: ${(times[(RUNS - 1) / 2] ?? 0).toFixed(3)} ms (median of ${RUNS})\n`);
}
