import type { SegmentStats } from '#store/queries/segments.ts';
import { groupBy } from './group-by.ts';

export interface Segment {
  dimension: string;
  value: string;
  /** Means in the metric's scale, null on a side without values. */
  meanBefore: number | null;
  meanAfter: number | null;
  callsBefore: number;
  callsAfter: number;
  /** Share of the whole shift, 1 = all of it. Over the values of one dimension the shares add up to 1. */
  explained: number;
  /** How much more that is than its share of the calls before: what everything runs on explains all and says little. */
  surprise: number;
  stats: SegmentStats;
}

/** A value must explain this much more of the shift than its share of the calls before would make it. */
const smallestSurprise = 0.1;
const smallestShare = 0.1;
const mostSegments = 8;

/**
 * Values whose calls moved most beyond their share, most surprising first. The shift of a mean is Σ w1 m1 − Σ w0 m0 over the values of a dimension (w: share of the
 * calls, m: mean, 0 before, 1 after); measured from the mean M before, a value contributes w1 (m1 − M) − w0 (m0 − M), and
 * the contributions add up to the shift (Adtributor's explanatory power for a derived measure, Bhagwan et al. 2014). A
 * value that moved only as much as all the others says nothing, so it must explain more than its share of the calls.
 */
export function explainBySegments(stats: readonly SegmentStats[]): Segment[] {
  const dimensions = groupBy(stats, ({ dimension }) => dimension);
  const segments = [...dimensions.values()].flatMap(ofDimension);
  return segments.sort((one, other) => other.surprise - one.surprise).slice(0, mostSegments);
}

function ofDimension(stats: readonly SegmentStats[]): Segment[] {
  const total = stats.reduce(
    (sum, one) => ({
      nBefore: sum.nBefore + one.nBefore,
      sumBefore: sum.sumBefore + one.sumBefore,
      nAfter: sum.nAfter + one.nAfter,
      sumAfter: sum.sumAfter + one.sumAfter,
    }),
    { nBefore: 0, sumBefore: 0, nAfter: 0, sumAfter: 0 },
  );
  if (total.nBefore === 0 || total.nAfter === 0) return [];
  const meanBefore = total.sumBefore / total.nBefore;
  const shift = total.sumAfter / total.nAfter - meanBefore;
  if (shift === 0) return [];
  return stats.flatMap(one => {
    const gained = (one.sumAfter - one.nAfter * meanBefore) / total.nAfter;
    const lost = (one.sumBefore - one.nBefore * meanBefore) / total.nBefore;
    const explained = (gained - lost) / shift;
    const surprise = explained - one.nBefore / total.nBefore;
    if (explained < smallestShare || surprise < smallestSurprise) return [];
    return {
      dimension: one.dimension,
      value: one.value,
      meanBefore: one.nBefore > 0 ? one.sumBefore / one.nBefore : null,
      meanAfter: one.nAfter > 0 ? one.sumAfter / one.nAfter : null,
      callsBefore: one.nBefore,
      callsAfter: one.nAfter,
      explained,
      surprise,
      stats: one,
    };
  });
}
