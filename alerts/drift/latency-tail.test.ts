import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binMiddle,
  createBinSums,
  exceedance,
  latencyCut,
  logBin,
  mergeBins,
  mergeCounts,
  quantileBin,
} from './latency-tail.ts';
import type { LogBins } from './metrics.ts';

const histogram = (values: number[]): Map<number, number> =>
  mergeBins(values.map(value => ({ bins: [logBin(value)], counts: [1] })));

const binsOf = (counts: ReadonlyMap<number, number>): LogBins => ({
  bins: [...counts.keys()],
  counts: [...counts.values()],
});

describe('latency tail', () => {
  it('bins 4 % wide, also below 1 ms', () => {
    expect(logBin(1)).toBe(0);
    expect(logBin(1000)).toBe(172);
    expect(logBin(0.5)).toBe(-18);
    expect(binMiddle(logBin(1000)) / 1000).toBeGreaterThan(0.98);
    expect(binMiddle(logBin(1000)) / 1000).toBeLessThan(1.02);
  });

  it('cuts at the bin of the p95 and counts what lies above', () => {
    const bins = histogram([...new Array(95).fill(100), ...new Array(5).fill(400)]);
    const cut = latencyCut(bins)!;
    expect(cut).toBe(logBin(100));
    expect(exceedance(7, binsOf(bins), cut)).toEqual({ startMs: 7, n: 100, sum: 5, sumSq: 5 });
    expect(exceedance(7, binsOf(new Map()), cut)).toEqual({ startMs: 7, n: 0, sum: 0, sumSq: 0 });
  });

  it('has no quantile without values', () => {
    expect(latencyCut(new Map())).toBeNull();
    expect(quantileBin(new Map([[3, 0]]), 0.5)).toBeNull();
  });

  it('leaves at most 5 % above the cut, and more than 5 % above any lower bin', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, sample => {
        const bins = histogram(sample);
        const cut = latencyCut(bins)!;
        const share = (at: number) => exceedance(0, binsOf(bins), at).sum / sample.length;
        expect(share(cut)).toBeLessThanOrEqual(0.05 + 1e-9);
        expect(share(cut - 1)).toBeGreaterThan(0.05);
      }),
    );
  });

  it('merges histograms in any order to the same sum', () => {
    const parts = [histogram([1, 2, 3]), histogram([2, 900]), histogram([])];
    const total = (bins: Map<number, number>) => [...bins].sort(([a], [b]) => a - b);
    expect(total(mergeCounts(parts))).toEqual(total(mergeCounts([...parts].reverse())));
    expect(total(mergeBins(parts.map(binsOf)))).toEqual(total(mergeCounts(parts)));
  });

  it('what is added to a running sum and taken away again leaves no trace, also where bins are far off', () => {
    const sums = createBinSums();
    const [one, other] = [binsOf(histogram([1, 2, 1e9])), { bins: [-30_000, 172], counts: [2, 7] }];
    sums.add(one);
    expect(sums.cut()).toBe(latencyCut(sums.counts()));
    sums.add(other);
    sums.add(one, -1);
    expect(sums.cut()).toBe(latencyCut(sums.counts()));
    expect([...sums.counts()]).toEqual([
      [-30_000, 2],
      [172, 7],
    ]);
  });
});
