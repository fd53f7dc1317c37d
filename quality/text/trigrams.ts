/** Letters looked at of a text: what comes later seldom changes what it is about. */
const longest = 2_000;

/**
 * Triples of letters of each word, with the word's bounds as blanks (`  refund ` has `  r`, ` re`, …), as PostgreSQL's pg_trgm counts
 * them: close for other endings and typing errors, and for scripts without blanks as well. Case and punctuation do not count.
 */
export function trigramsOf(text: string): Set<string> {
  const words =
    text
      .slice(0, longest)
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const found = new Set<string>();
  for (const word of words) {
    const padded = [' ', ' ', ...word, ' '];
    for (let at = 0; at + 3 <= padded.length; at += 1) found.add(padded.slice(at, at + 3).join(''));
  }
  return found;
}

/** Share of triples that both have, of all that one has: 0 to 1 (Jaccard). Texts without words are like nothing. */
export function overlapOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  let both = 0;
  for (const triple of small) if (large.has(triple)) both += 1;
  const all = one.size + other.size - both;
  return all === 0 ? 0 : both / all;
}
