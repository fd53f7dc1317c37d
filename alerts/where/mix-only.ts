import type { RankedCause } from './describe-cause.ts';
import type { TrafficSplit } from './split.ts';

interface Found {
  shift: number;
  minShift: number;
}

/** What moved inside the segments: all of them together, and the causes that were found. */
export interface Inside {
  split: TrafficSplit | null;
  causes: readonly Pick<RankedCause, 'z' | 'pValue' | 'explained' | 'isNew' | 'insteadOf'>[];
}

/**
 * In standard errors: what moved inside the segments this clearly is a regression, whatever the mix did. An incident is looked at
 * every hour for up to a week: at 5 (one-sided 3e-7) other traffic alone is told in less than one of 10,000 such incidents.
 */
const clearlyWithin = 5;
/** The same for a single cause, after Bonferroni over everything that was tried. */
const clearlyCause = 1e-6;
/** Of the shift, with the shares of both sides; with those of now the mix must explain half. */
const smallestMix = 1 / 3;
/** The detector gathers no evidence below this share of the smallest shift worth a page. */
const slack = 0.75;
/** One-sided 95 %. */
const limitAt = 1.645;

/**
 * Whether a shift comes of other traffic alone: its shares explain most of it, and what is left inside the segments
 * could be nothing. `found` is the shift that the detector saw against the season; where the plain means do not show it
 * too, nothing is concluded; `minShift` is the smallest shift worth a page. False whenever that is not clear: a page too many is better than a regression not told.
 */
export function isMixOnly(inside: Inside, found: Found): boolean {
  const { split } = inside;
  if (split === null || split.by.length === 0 || found.shift === 0) return false;
  const direction = Math.sign(found.shift);
  const shift = split.shift * direction;
  const within = split.now.within * direction;
  const { standardError } = split.now;
  if (shift < Math.abs(found.shift) / 2 || split.mix * direction < shift * smallestMix || within > shift / 2)
    return false;
  // The mix itself must be beyond doubt: without it the shift would be smaller at the far limit of `within` too.
  if (within + limitAt * standardError >= shift) return false;
  return !isClear(inside, found) || (within < found.minShift && within < shift / 10);
}

/**
 * Whether there is nothing to tell: other traffic alone, or a shift that is (or has become, as when a mix goes back) less than
 * what is worth a page, whole and within the segments.
 */
export function isNoPage(inside: Inside, found: Found): boolean {
  if (isMixOnly(inside, found)) return true;
  const { split } = inside;
  if (split === null || split.by.length === 0) return false;
  const { within, standardError } = split.now;
  const whole = Math.max(Math.abs(found.shift), Math.abs(split.shift));
  return (
    whole < slack * found.minShift &&
    Math.abs(within) + limitAt * standardError < found.minShift &&
    !isClear(inside, found)
  );
}

/**
 * Whether something got worse inside beyond doubt: all segments together, or one cause that is held against its own past (what is
 * new or has doubled is compared with others, which other traffic can mislead) and is worth a page by itself.
 */
function isClear({ split, causes }: Inside, { shift, minShift }: Found): boolean {
  if (split === null) return false;
  if (split.now.within * Math.sign(shift) >= clearlyWithin * split.now.standardError) return true;
  return causes.some(
    ({ z, pValue, explained, isNew, insteadOf }) =>
      pValue <= clearlyCause &&
      z * shift > 0 &&
      !isNew &&
      insteadOf === null &&
      explained * Math.abs(split.shift) >= slack * minShift,
  );
}

export type Verdict = 'regression' | 'mix' | 'both' | 'unclear';

/** The same in words for a reader. */
export function verdictOf(inside: Inside, found: Found): Verdict {
  const { split } = inside;
  if (split === null || split.shift * found.shift <= 0) return 'unclear';
  if (isMixOnly(inside, found)) return 'mix';
  const mixShare = split.mix / split.shift;
  if (mixShare < 0.3) return 'regression';
  const isBeyondChance = Math.abs(split.now.within) >= 2 * split.now.standardError;
  return isBeyondChance || isClear(inside, found) ? 'both' : 'unclear';
}
