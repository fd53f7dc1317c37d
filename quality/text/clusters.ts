import { setImmediate as letOthers } from 'node:timers/promises';

/** Triples kept of a text and of a cluster: the rarest say what it is about. */
const ofText = 48;
const ofCluster = 96;
const sliceMs = 8;

/** Triple and weight, of length 1 together. */
type Vector = Map<string, number>;

/**
 * Puts texts that are about the same together: cluster numbers in the order of the texts, −1 for one that is like no other. Texts are
 * compared by the cosine of their triples, rare ones counting more (tf-idf); 0 to 1, `similarity` is the least. The order decides
 * where clusters begin: give it by chance. Other work is let in between.
 */
export async function clusterTexts(
  texts: readonly ReadonlySet<string>[],
  similarity: number,
): Promise<number[]> {
  const vectors = vectorsOf(texts);
  // First whoever comes first leads; then the middle of each cluster does.
  const first = await assign(vectors, { similarity, leaders: [] });
  const groups = new Map<number, Vector[]>();
  for (const [at, cluster] of first.entries())
    groups.set(cluster, [...(groups.get(cluster) ?? []), vectors[at]!]);
  const middles = [...groups.values()].filter(group => group.length > 1).map(middleOf);
  return assign(vectors, { similarity, leaders: middles, fixed: true });
}

function vectorsOf(texts: readonly ReadonlySet<string>[]): Vector[] {
  const seen = new Map<string, number>();
  for (const triples of texts) for (const triple of triples) seen.set(triple, (seen.get(triple) ?? 0) + 1);
  const rarity = (triple: string) => Math.log((1 + texts.length) / (1 + seen.get(triple)!));
  return texts.map(triples =>
    strongest(
      [...triples].map(triple => [triple, rarity(triple)] as const),
      ofText,
    ),
  );
}

function strongest(weights: readonly (readonly [string, number])[], most: number): Vector {
  const kept = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most);
  const length = Math.sqrt(kept.reduce((sum, [, weight]) => sum + weight * weight, 0));
  return new Map(length === 0 ? [] : kept.map(([triple, weight]) => [triple, weight / length]));
}

function middleOf(group: readonly Vector[]): Vector {
  const sum = new Map<string, number>();
  for (const vector of group)
    for (const [triple, weight] of vector) sum.set(triple, (sum.get(triple) ?? 0) + weight);
  return strongest([...sum], ofCluster);
}

/** The most similar leader of each; without one a text leads from then on, or belongs nowhere when leaders are `fixed`. */
async function assign(
  vectors: readonly Vector[],
  { similarity, leaders, fixed = false }: { similarity: number; leaders: readonly Vector[]; fixed?: boolean },
): Promise<number[]> {
  const places = new Map<string, [leader: number, weight: number][]>();
  let count = 0;
  const lead = (vector: Vector) => {
    for (const [triple, weight] of vector) {
      const list = places.get(triple);
      if (list) list.push([count, weight]);
      else places.set(triple, [[count, weight]]);
    }
    count += 1;
    return count - 1;
  };
  for (const vector of leaders) lead(vector);
  const assigned: number[] = [];
  let sliceEnd = performance.now() + sliceMs;
  for (const vector of vectors) {
    const nearest = nearestOf(vector, places);
    if (nearest && nearest.cosine >= similarity) assigned.push(nearest.leader);
    else assigned.push(fixed ? -1 : lead(vector));
    if (performance.now() < sliceEnd) continue;
    await letOthers();
    sliceEnd = performance.now() + sliceMs;
  }
  return assigned;
}

function nearestOf(
  vector: Vector,
  places: ReadonlyMap<string, readonly (readonly [number, number])[]>,
): { leader: number; cosine: number } | null {
  const cosines = new Map<number, number>();
  for (const [triple, own] of vector)
    for (const [leader, weight] of places.get(triple) ?? [])
      cosines.set(leader, (cosines.get(leader) ?? 0) + own * weight);
  let best: { leader: number; cosine: number } | null = null;
  for (const [leader, cosine] of cosines) if (!best || cosine > best.cosine) best = { leader, cosine };
  return best;
}
