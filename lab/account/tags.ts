/** Tags of one resource. */
export type Tags = Record<string, string>;

/** Tags from the list of pairs in which most services carry them. */
export function toTags(pairs: readonly { Key?: string; Value?: string; TagKey?: string; TagValue?: string }[] | undefined): Tags {
  return Object.fromEntries((pairs ?? []).map((pair) => [pair.Key ?? pair.TagKey ?? '', pair.Value ?? pair.TagValue ?? '']));
}

/** The list of pairs that most services answer with. */
export function fromTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Takes tags away by their keys. */
export function removeTags(tags: Tags, keys: readonly string[] | undefined): void {
  for (const key of keys ?? []) delete tags[key];
}
