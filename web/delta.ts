import { type Format, signed } from './format.ts';

/** What a change means to the reader; direction alone is not goodness. */
export type Tone = 'good' | 'bad' | 'neutral';

export interface Delta {
  arrow: '↑' | '↓' | '=';
  /** Signed amount, empty for none, or why none can be given. */
  text: string;
  /** `worse`, `slower`, `more`; empty without a comparison. */
  word: string;
  tone: Tone;
}

interface Meaning {
  up: string;
  down: string;
  upTone: Tone;
  downTone: Tone;
}

export const meanings = {
  quality: { up: 'better', down: 'worse', upTone: 'good', downTone: 'bad' },
  latency: { up: 'slower', down: 'faster', upTone: 'bad', downTone: 'good' },
  errors: { up: 'more', down: 'fewer', upTone: 'bad', downTone: 'good' },
  spend: { up: 'more', down: 'less', upTone: 'neutral', downTone: 'neutral' },
  requests: { up: 'more', down: 'fewer', upTone: 'neutral', downTone: 'neutral' },
} satisfies Record<string, Meaning>;
export type Subject = keyof typeof meanings;

/** Fewer requests than this in the baseline say nothing: "no baseline" is written instead of a number. */
export const MIN_BASELINE_CALLS = 30;

const NO_BASELINE: Delta = { arrow: '=', text: 'no baseline', word: '', tone: 'neutral' };
const NBSP = '\u00a0';

export interface Comparison {
  now: number | null;
  before: number | null;
  /** Requests behind `now`. */
  calls: number;
  /** Requests behind `before`. */
  baselineCalls: number;
}

/** Change of a score (points), a rate (percentage points), a latency (its unit) or an amount (percent). */
export function delta(format: Format, subject: Subject, comparison: Comparison): Delta {
  const { now, before, calls, baselineCalls } = comparison;
  if (now === null || before === null || baselineCalls < MIN_BASELINE_CALLS) return NO_BASELINE;
  // Two standard errors of a relative difference of counts (Poisson); few requests vary by themselves.
  const noise = 2 * Math.sqrt(1 / Math.max(1, calls) + 1 / baselineCalls);
  if (subject === 'quality') return say(subject, (now - before) * 100, 1, size => points(format, size));
  if (subject === 'errors') {
    const steady = Math.max(0.05, 100 * rateNoise(now, before, calls, baselineCalls));
    return say(subject, (now - before) * 100, steady, size => ratePoints(format, size));
  }
  if (before === 0) return NO_BASELINE;
  const change = (now - before) / before;
  if (subject === 'latency')
    return say(subject, now - before, before * Math.max(0.05, noise), size => format.latency(size));
  // Above +200 % a factor is easier to grasp.
  if (change > 2) {
    const { up, upTone } = meanings[subject];
    return { arrow: '↑', text: `×${format.plain(now / before)}`, word: up, tone: upTone };
  }
  return say(subject, change, Math.max(0.03, noise), size => format.percent(Math.round(size * 1000) / 1000));
}

/** Two standard errors of a difference of proportions, with the pooled rate (two-proportion z-test). */
function rateNoise(now: number, before: number, calls: number, baselineCalls: number): number {
  const pooled = (now * calls + before * baselineCalls) / (calls + baselineCalls);
  return 2 * Math.sqrt(pooled * (1 - pooled) * (1 / Math.max(1, calls) + 1 / baselineCalls));
}

const ratePoints = (format: Format, size: number) =>
  `${format.plain(size < 10 ? Math.round(size * 10) / 10 : Math.round(size))}${NBSP}pp`;

/** `9 pts`; a score of 0 to 1 has 100 points. */
export const points = (format: Format, size: number) =>
  `${format.plain(size < 1 ? Math.round(size * 10) / 10 : Math.round(size))}${NBSP}pts`;

function say(subject: Subject, change: number, steady: number, write: (size: number) => string): Delta {
  const size = write(Math.abs(change));
  // A change too small to print is none.
  const text = size === write(0) ? '' : signed(size, change);
  if (Math.abs(change) < steady) return { arrow: '=', text, word: 'steady', tone: 'neutral' };
  const meaning = meanings[subject];
  return change > 0
    ? { arrow: '↑', text, word: meaning.up, tone: meaning.upTone }
    : { arrow: '↓', text, word: meaning.down, tone: meaning.downTone };
}
