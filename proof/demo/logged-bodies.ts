const isPartOfWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
/** Shorter names occur in ids and in the words of any log, e.g. `A` in `AWS`. */
const SHORT = 3;

/**
 * The message bodies that the lines of a log hold: one line holds all parts of the body, in any form and order. A part
 * of less than three characters must stand in the line as a word.
 */
export function loggedBodies(bodies: readonly string[], lines: readonly string[]): string[] {
  return bodies.filter((body) => {
    const parts = body
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    return lines.some((line) => parts.every((part) => holds(line, part)));
  });
}

function holds(line: string, part: string): boolean {
  if (part.length >= SHORT) return line.includes(part);
  for (let at = line.indexOf(part); at >= 0; at = line.indexOf(part, at + 1)) {
    if (!isPartOfWord(line[at - 1]) && !isPartOfWord(line[at + part.length])) return true;
  }
  return false;
}
