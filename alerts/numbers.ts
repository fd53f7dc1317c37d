/** Numbers as they stand in titles and sentences, in the units of the dashboard (English). */

/** The unit of an incident's figures. `points`: scores of 0 to 1, where 0.01 is a point; `%`: 3.5 is 3.5 %. */
export type DisplayUnit = 'points' | 'score' | '%' | 'ms' | 'usd' | 'tokens' | 'ms/token' | 'number';

const grouped = (value: number, digits: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A figure in its unit, with `extra` more digits than usual. */
export function figure(value: number, unit: DisplayUnit, extra = 0): string {
  switch (unit) {
    case 'points':
    case 'score':
      return grouped(value, 2 + extra);
    case '%':
      return `${grouped(value, (Math.abs(value) < 9.95 ? 1 : 0) + extra)} %`;
    case 'ms':
      return duration(value, extra);
    case 'usd':
      return usd(value, extra);
    case 'tokens':
      return `${grouped(value, (value < 10 ? 1 : 0) + extra)} tokens`;
    case 'number':
      return trimmed(value, 3 + extra);
    case 'ms/token':
      return `${grouped(value, (value < 10 ? 1 : 0) + extra)} ms`;
  }
}

/** Two figures with as many digits as it takes to tell them apart: `0.912 → 0.915`, not `0.91 → 0.92`. */
export function beforeAfter(before: number, after: number, unit: DisplayUnit): string {
  for (let extra = 0; extra < 3; extra += 1) {
    const [from, to] = [figure(before, unit, extra), figure(after, unit, extra)];
    if (from !== to) return `${from} → ${to}`;
  }
  return `${figure(before, unit, 2)} → ${figure(after, unit, 2)}`;
}

/** The size of a move without its sign: `9 points`, `3.1 percentage points`, `400 ms`, `18 %`. */
export function sizeOfMove(before: number, after: number, unit: DisplayUnit): string {
  const size = Math.abs(after - before);
  switch (unit) {
    case 'points': {
      const points = short(moveOfScores(before, after) * 100);
      return `${points} ${points === '1' ? 'point' : 'points'}`;
    }
    case 'score':
      return figure(moveOfScores(before, after), 'score');
    case '%':
      return `${short(size)} percentage ${short(size) === '1' ? 'point' : 'points'}`;
    case 'ms':
      return duration(size, 0);
    default:
      return before > 0 ? `${short((100 * size) / before)} %` : figure(size, unit);
  }
}

/** From the two-digit figures a reader sees, so that `0.91 → 0.82` is 9 points; unrounded where that is too coarse. */
function moveOfScores(before: number, after: number): number {
  const seen = Math.abs(Math.round(after * 100) - Math.round(before * 100)) / 100;
  return seen >= 0.02 ? seen : Math.abs(after - before);
}

/** One decimal below 10, none above, and none that is zero. */
function short(value: number): string {
  return grouped(value, value < 9.95 ? 1 : 0).replace(/\.0$/, '');
}

function duration(ms: number, extra: number): string {
  if (ms < 1) return `${grouped(ms, 1 + extra)} ms`;
  if (ms < 999.5) return `${grouped(ms, extra)} ms`;
  if (ms < 59_950) return `${grouped(ms / 1000, 1 + extra)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function usd(value: number, extra: number): string {
  if (value === 0) return '$0';
  if (value < 0.0001) return extra === 0 ? '<$0.0001' : `$${value.toPrecision(1 + extra)}`;
  if (value >= 1) return `$${grouped(value, 2 + extra)}`;
  return `$${trimmed(value, 2 + extra)}`;
}

/** Significant digits without an exponent: 0.0041. */
function trimmed(value: number, digits: number): string {
  return value.toLocaleString('en-US', {
    minimumSignificantDigits: digits,
    maximumSignificantDigits: digits,
  });
}
