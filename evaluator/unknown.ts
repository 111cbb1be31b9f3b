/**
 * Stands where a value is not known yet: in a policy read from a Terraform plan, "known after apply"; in a request, a
 * context key that AWS supplies but whose value nobody can tell beforehand. Whatever depends on it is undetermined.
 */
export const UNKNOWN = '\u0000unknown\u0000';

/** In a request, the only value of a context key of which not even its presence is known. */
export const UNKNOWN_PRESENCE = '\u0000unknown presence\u0000';

/** Whether a text is, or contains, a value that is not known. */
export function isUnknown(text: string): boolean {
  // No text of AWS holds the character NUL, and one character is found fastest.
  return text.includes('\u0000');
}
