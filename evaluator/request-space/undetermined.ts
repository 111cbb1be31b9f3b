/**
 * Says that a comparison, or a part of it, has no answer: a limit was reached, or something is not understood. It is
 * caught where the statements are known that caused it, and told with their names; never dropped.
 */
export class Undetermined extends Error {
  override readonly name = 'Undetermined';
}
