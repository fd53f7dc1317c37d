/** What two calls are compared by. */
export interface Matchable {
  promptName: string;
  tenant: string;
  /** 0 when unknown. */
  inputTokens: number;
  /** What was asked; null when it is not kept. */
  input: string | null;
}

interface Matched<Call> {
  after: Call;
  before: Call | null;
  /** Overlap of the questions, 0 to 1; null when a text is missing. */
  likeness: number | null;
}

/**
 * For every call of `after`, in their order, the call of `before` that was asked most alike and is no other's yet: by the
 * overlap of their letter triples where the texts are known, else by prompt, length and tenant. Letter triples know the
 * language too.
 */
export function matchPairs<Call extends Matchable>(
  after: readonly Call[],
  before: readonly Call[],
): Matched<Call>[] {
  const known = before.map(call => ({ call, triples: triplesOf(call.input) }));
  const free = new Set(known);
  return after.map(one => {
    const triples = triplesOf(one.input);
    let best: { candidate: (typeof known)[number]; nearness: number; likeness: number | null } | null = null;
    for (const candidate of free) {
      const likeness = triples && candidate.triples ? overlapOf(triples, candidate.triples) : null;
      const nearness = (likeness ?? 0) * 4 + outerLikeness(one, candidate.call);
      if (best === null || nearness > best.nearness) best = { candidate, nearness, likeness };
    }
    if (best) free.delete(best.candidate);
    return { after: one, before: best?.candidate.call ?? null, likeness: best?.likeness ?? null };
  });
}

/** 0 to 2.5: the same prompt and tenant, and inputs of about the same length. */
function outerLikeness(one: Matchable, other: Matchable): number {
  const lengths =
    one.inputTokens > 0 && other.inputTokens > 0
      ? Math.max(0, 1 - Math.abs(Math.log(one.inputTokens / other.inputTokens)))
      : 0;
  return lengths + (one.promptName === other.promptName ? 1 : 0) + (one.tenant === other.tenant ? 0.5 : 0);
}

function triplesOf(text: string | null): Set<string> | null {
  if (text === null || text.trim() === '') return null;
  const letters = ` ${text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  const triples = new Set<string>();
  for (let at = 0; at + 3 <= letters.length; at += 1) triples.add(letters.slice(at, at + 3));
  return triples;
}

/** Jaccard's share of triples in common. */
function overlapOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let both = 0;
  for (const triple of one) if (other.has(triple)) both += 1;
  return both / (one.size + other.size - both || 1);
}
