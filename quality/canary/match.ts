import { setImmediate as letOthers } from 'node:timers/promises';

export interface Match {
  /** Places in the two lists. */
  control: number;
  candidate: number;
  /** 0 to 1. */
  similarity: number;
}

const sliceMs = 8;

/**
 * Pairs of texts of two lists whose triples overlap by `least` or more, each text in one pair at most, the most alike first. Other
 * work is let in between.
 */
export async function matchTexts(
  control: readonly ReadonlySet<string>[],
  candidate: readonly ReadonlySet<string>[],
  least: number,
): Promise<Match[]> {
  const places = new Map<string, number[]>();
  for (const [at, triples] of control.entries())
    for (const triple of triples) {
      const list = places.get(triple);
      if (list) list.push(at);
      else places.set(triple, [at]);
    }
  const near: Match[] = [];
  let sliceEnd = performance.now() + sliceMs;
  for (const [at, triples] of candidate.entries()) {
    near.push(...partnersOf(at, triples));
    if (performance.now() < sliceEnd) continue;
    await letOthers();
    sliceEnd = performance.now() + sliceMs;
  }

  function partnersOf(at: number, triples: ReadonlySet<string>): Match[] {
    const shared = new Map<number, number>();
    for (const triple of triples)
      for (const place of places.get(triple) ?? []) shared.set(place, (shared.get(place) ?? 0) + 1);
    return [...shared].flatMap(([place, both]) => {
      const similarity = both / (triples.size + control[place]!.size - both);
      return similarity >= least ? [{ control: place, candidate: at, similarity }] : [];
    });
  }

  near.sort((a, b) => b.similarity - a.similarity || a.candidate - b.candidate || a.control - b.control);
  const taken = { control: new Set<number>(), candidate: new Set<number>() };
  return near.filter(match => {
    if (taken.control.has(match.control) || taken.candidate.has(match.candidate)) return false;
    taken.control.add(match.control);
    taken.candidate.add(match.candidate);
    return true;
  });
}
