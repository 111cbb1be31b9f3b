const LIMIT = 10_000;

/** Keeps the answers of a function of one text; the same actions, keys and resources are asked for over and over. */
export function memoize<T>(compute: (text: string) => T): (text: string) => T {
  const answers = new Map<string, { readonly answer: T }>();
  return (text) => {
    const kept = answers.get(text);
    if (kept) return kept.answer;
    const answer = compute(text);
    if (answers.size >= LIMIT) answers.clear();
    answers.set(text, { answer });
    return answer;
  };
}
