import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstMonday, seededNormal, seededRandom } from '../../test/fixtures/drift-series.ts';
import { fitBaseline, fitColumns } from './baseline.ts';
import { historyOf, type TimeRange } from './history.ts';
import { exceedance, latencyCut, mergeBins, TooCoarseError } from './latency-tail.ts';
import { driftMetrics, type StoredBucket } from './metrics.ts';
import { bucketMs, dayMs } from './season.ts';

const options = { minShift: 0.01, requestVarianceFloor: 0.01, minDays: 1, minRequests: 1 };
const day = (n: number) => firstMonday + n * dayMs;

/** Forty days of latencies with empty and missing buckets; the level moves, so that the cut does. */
function latencies(seed: number): StoredBucket[] {
  const random = seededRandom(seed);
  const normal = seededNormal(seed + 1);
  return Array.from({ length: 40 * 96 }, (_, at): StoredBucket => {
    const counts = new Map<number, number>();
    for (let n = Math.floor(6 * random()); n > 0; n--) {
      const bin = Math.floor(25 * (7 + 0.7 * normal() + at / 4000));
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
    }
    const bins = { bins: [...counts.keys()], counts: [...counts.values()] };
    return { startMs: firstMonday + at * bucketMs, n: 0, sum: 0, sumSq: 0, bins };
  }).filter(() => random() > 0.05);
}

const means = (seed: number): StoredBucket[] => {
  const normal = seededNormal(seed);
  return latencies(seed).map(({ startMs, bins }) => {
    const n = bins!.counts.length;
    const sum = 0.8 * n + 0.1 * normal();
    return { startMs, n, sum, sumSq: sum ** 2 + 0.1 };
  });
};

const isIn = ({ fromMs, toMs }: TimeRange, ms: number) => ms >= fromMs && ms < toMs;

/** Days that follow each other, and now and then a step back; some with a time that is left out. */
const questions = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 30 }),
    days: fc.integer({ min: 1, max: 12 }),
    leftOut: fc.option(
      fc.record({ from: fc.integer({ min: 0, max: 39 }), hours: fc.integer({ min: 1, max: 60 }) }),
    ),
  }),
  { minLength: 2, maxLength: 6 },
);

describe('a reference that days are added to and taken from', () => {
  const tails = latencies(5);
  const quality = means(6);

  test('is fitted to the same bits as one made from nothing, in whatever order it was asked for', () => {
    const kept = {
      tail: historyOf(tails, driftMetrics.latency_tail),
      mean: historyOf(quality, driftMetrics.quality),
    };
    fc.assert(
      fc.property(questions, asked => {
        for (const { from, days, leftOut } of asked) {
          const range = { fromMs: day(from), toMs: day(from + days) };
          const out = leftOut
            ? [{ fromMs: day(leftOut.from), toMs: day(leftOut.from) + leftOut.hours * 3_600_000 }]
            : [];
          const wanted = ({ startMs }: StoredBucket) =>
            isIn(range, startMs) && !out.some(one => isIn(one, startMs));
          const scored = quality.filter(wanted);
          const mean = kept.mean.reference(range, out);
          expect(fitColumns(mean.columns, options, mean.weekdays)).toEqual(fitBaseline(scored, options));

          const answered = tails.filter(wanted);
          const cut = latencyCut(mergeBins(answered.map(({ bins }) => bins!)));
          const { columns, latencyCutBin, weekdays } = kept.tail.reference(range, out);
          expect(latencyCutBin).toBe(cut);
          const shares = answered.map(({ startMs, bins }) => exceedance(startMs, bins!, cut ?? 0));
          expect(fitColumns(columns, options, weekdays)).toEqual(fitBaseline(shares, options));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('does not guess a cut among values that are not told apart', () => {
    const lumped = (upTo: number) =>
      tails.map(bucket => ({ ...bucket, bins: { ...bucket.bins!, lumpedUpTo: upTo } }));
    const range = { fromMs: day(3), toMs: day(20) };
    const { latencyCutBin } = historyOf(tails, driftMetrics.latency_tail).reference(range, []);
    const ask = (upTo: number) => historyOf(lumped(upTo), driftMetrics.latency_tail).reference(range, []);
    expect(ask(latencyCutBin! - 1).latencyCutBin).toBe(latencyCutBin);
    expect(() => ask(latencyCutBin!)).toThrow(TooCoarseError);
  });
});
