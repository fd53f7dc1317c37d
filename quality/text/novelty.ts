import { clusterTexts } from './clusters.ts';
import { trigramsOf } from './trigrams.ts';

export interface Asked {
  text: string;
  /** Of the time that is looked at; the others are what was asked before. */
  isNew: boolean;
}

export interface NewCluster {
  /** Places of its new texts, in the order they were given. */
  members: number[];
  /** Texts of it, new and before. */
  now: number;
  before: number;
  /** Words most of them have and few others, the most telling first. */
  words: string[];
}

/** Chance of calling anything new when nothing is. */
const alpha = 0.01;
/** New means hardly ever before: a tenth of its share now, at most. */
const mostBefore = 0.1;

/**
 * Clusters of texts that came up: `atLeast` new ones, and so many more than before that chance does not explain it (one-sided
 * binomial test of the split, Bonferroni over the clusters). Texts must be in an order by chance.
 */
export async function findNewClusters(
  asked: readonly Asked[],
  { similarity, atLeast }: { similarity: number; atLeast: number },
): Promise<NewCluster[]> {
  const triples = asked.map(({ text }) => trigramsOf(text));
  const assigned = await clusterTexts(triples, similarity);
  const clusters = new Map<number, number[]>();
  for (const [at, cluster] of assigned.entries())
    if (cluster >= 0) clusters.set(cluster, [...(clusters.get(cluster) ?? []), at]);
  const tested = [...clusters.values()].filter(members => members.length >= atLeast);
  const all = countNew(asked, [...asked.keys()]);
  const share = all.now / Math.max(1, all.now + all.before);
  return tested
    .map(members => ({ members, ...countNew(asked, members) }))
    .filter(({ now, before }) => {
      const isRareBefore = before / Math.max(1, all.before) <= (mostBefore * now) / Math.max(1, all.now);
      return now >= atLeast && isRareBefore && upperTail(now, now + before, share) * tested.length < alpha;
    })
    .sort((a, b) => b.now - a.now)
    .map(({ members, now, before }) => ({
      members: members.filter(at => asked[at]!.isNew),
      now,
      before,
      words: tellingWords(asked, members),
    }));
}

function countNew(asked: readonly Asked[], places: readonly number[]): { now: number; before: number } {
  const now = places.filter(at => asked[at]!.isNew).length;
  return { now, before: places.length - now };
}

/** Chance of `k` or more of `n` when each is one with chance `p`. */
export function upperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let logTerm = n * Math.log(p);
  let tail = 0;
  for (let i = n; i >= k; i -= 1) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(i / (n - i + 1)) + Math.log((1 - p) / p);
  }
  return Math.min(1, tail);
}

const mostWords = 4;

/** Words of half of the cluster or more: so nothing that one person wrote is among them. */
function tellingWords(asked: readonly Asked[], members: readonly number[]): string[] {
  const own = new Set(members);
  const inside = new Map<string, number>();
  const outside = new Map<string, number>();
  for (const [at, { text }] of asked.entries()) {
    const counts = own.has(at) ? inside : outside;
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const rest = Math.max(1, asked.length - members.length);
  return [...inside]
    .filter(([, n]) => n >= members.length / 2)
    .map(([word, n]) => ({ word, lift: n / members.length - (outside.get(word) ?? 0) / rest }))
    .filter(({ lift }) => lift > 0.25)
    .sort((a, b) => b.lift - a.lift || (a.word < b.word ? -1 : 1))
    .slice(0, mostWords)
    .map(({ word }) => word);
}

const wordsOf = (text: string) =>
  new Set(
    text
      .slice(0, 2_000)
      .toLowerCase()
      .match(/[\p{L}\p{N}]{3,}/gu) ?? [],
  );
