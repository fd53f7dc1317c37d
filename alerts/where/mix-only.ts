import type { TrafficSplit } from './split.ts';

interface Found {
  shift: number;
  minShift: number;
}

/**
 * In standard errors: what moved inside the segments this clearly is a regression, whatever the mix did. Of 1,000 scenarios
 * of other traffic alone two passed 3 by chance and none 4.
 */
const clearlyWithin = 4;
/** Of the shift, with the shares of both sides; with those of now the mix must explain half. */
const smallestMix = 1 / 3;

/**
 * Whether a shift comes of other traffic alone: its shares explain most of it, and what is left inside the segments
 * could be nothing. `found` is the shift that the detector saw against the season; where the plain means do not show it
 * too, nothing is concluded; `minShift` is the smallest shift worth a page. False whenever that is not clear: a page too many is better than a regression not told.
 */
export function isMixOnly(split: TrafficSplit | null, found: Found): boolean {
  if (split === null || split.by.length === 0 || found.shift === 0) return false;
  const direction = Math.sign(found.shift);
  const shift = split.shift * direction;
  const within = split.now.within * direction;
  const { standardError } = split.now;
  if (shift < Math.abs(found.shift) / 2 || split.mix * direction < shift * smallestMix || within > shift / 2)
    return false;
  // The mix itself must be beyond doubt: without it the shift would be smaller at the far limit of `within` too.
  if (within + 1.645 * standardError >= shift) return false;
  return within < clearlyWithin * standardError || (within < found.minShift && within < shift / 10);
}

export type Verdict = 'regression' | 'mix' | 'both' | 'unclear';

/** The same in words for a reader. */
export function verdictOf(split: TrafficSplit | null, found: Found): Verdict {
  if (split === null || split.shift * found.shift <= 0) return 'unclear';
  if (isMixOnly(split, found)) return 'mix';
  const mixShare = split.mix / split.shift;
  if (mixShare >= 0.3) return Math.abs(split.now.within) >= 2 * split.now.standardError ? 'both' : 'unclear';
  return 'regression';
}
