/** Shorter strings take about as much memory as the table that would share them. */
const SHORTEST = 64;

/**
 * Keeps each long string once. A plan has the same policies and user data in the prior state, in what is planned, and in each
 * change before and after.
 */
export class SharedStrings {
  private readonly known = new Map<string, string>();

  /** Replaces the long strings in a value by equal ones of earlier values, in place. @returns the value */
  share(value: unknown): unknown {
    if (typeof value === 'string') return value.length < SHORTEST ? value : this.first(value);
    if (typeof value !== 'object' || value === null) return value;
    for (const [member, inner] of Object.entries(value)) {
      const shared = this.share(inner);
      if (typeof inner === 'string' && inner.length >= SHORTEST) Reflect.set(value, member, shared);
    }
    return value;
  }

  private first(text: string): string {
    const first = this.known.get(text);
    if (first === undefined) this.known.set(text, text);
    return first ?? text;
  }
}
