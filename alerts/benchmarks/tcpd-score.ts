/**
 * F1 and covering of change points against several annotators, as van den Burg and Williams define them (An evaluation of change
 * point detection algorithms, 2020). Change points are 0-based indices at which a new segment begins; 0 is added to every set.
 */

export type Annotations = Record<string, readonly number[]>;

const margin = 5;

const withStart = (points: readonly number[]): number[] =>
  [...new Set([0, ...points])].sort((one, other) => one - other);

/** 2PR/(P + R): precision against the union of all annotators, recall as their mean; a margin of 5 either way. */
export function changePointF1(annotations: Annotations, predicted: readonly number[]): number {
  const found = withStart(predicted);
  const sets = Object.values(annotations).map(withStart);
  const precision = truePositives(withStart(sets.flat()), found) / found.length;
  const recalls = sets.map(set => truePositives(set, found) / set.length);
  const recall = recalls.reduce((sum, each) => sum + each, 0) / sets.length;
  return (2 * precision * recall) / (precision + recall);
}

/** Each true point in turn takes the closest predicted one within the margin that is still free. */
function truePositives(truth: readonly number[], found: readonly number[]): number {
  const free = new Set(found);
  let hits = 0;
  for (const point of truth) {
    let closest: number | undefined;
    for (const each of free) {
      const isCloser = closest === undefined || Math.abs(each - point) < Math.abs(closest - point);
      if (Math.abs(each - point) <= margin && isCloser) closest = each;
    }
    if (closest === undefined) continue;
    free.delete(closest);
    hits += 1;
  }
  return hits;
}

/** Mean over annotators of Σ |A|/n × the best Jaccard index of the annotated segment A with a predicted one. */
export function covering(annotations: Annotations, predicted: readonly number[], n: number): number {
  const found = segments(predicted, n);
  const covers = Object.values(annotations).map(points => {
    const weighted = segments(points, n).map(([from, to]) => {
      const best = Math.max(...found.map(([start, end]) => overlap(from, to, start, end)));
      return (to - from) * best;
    });
    return weighted.reduce((sum, each) => sum + each, 0) / n;
  });
  return covers.reduce((sum, each) => sum + each, 0) / covers.length;
}

/** Half-open [from, to). */
function segments(points: readonly number[], n: number): [number, number][] {
  const starts = withStart(points).filter(point => point < n);
  return starts.map((start, at) => [start, starts[at + 1] ?? n]);
}

function overlap(from: number, to: number, start: number, end: number): number {
  const both = Math.min(to, end) - Math.max(from, start);
  return both <= 0 ? 0 : both / (Math.max(to, end) - Math.min(from, start));
}
