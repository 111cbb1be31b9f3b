/**
 * What is known about a match: `true`, `false`, or `undefined` when a value that decides it is not known.
 * Kleene's three-valued logic, so that an unknown never turns into a yes.
 */
export type Ternary = boolean | undefined;

/** True when all are true, false when any is false, otherwise unknown. */
export function all<T>(items: readonly T[], test: (item: T) => Ternary): Ternary {
  let result: Ternary = true;
  for (const item of items) {
    const answer = test(item);
    if (answer === false) return false;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** True when any is true, false when all are false, otherwise unknown. */
export function any<T>(items: readonly T[], test: (item: T) => Ternary): Ternary {
  let result: Ternary = false;
  for (const item of items) {
    const answer = test(item);
    if (answer === true) return true;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** Swaps true and false; unknown stays unknown. */
export function not(value: Ternary): Ternary {
  return value === undefined ? undefined : !value;
}
