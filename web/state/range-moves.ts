import { MINUTE_MS } from '../clock.ts';
import { agoMs, instantMs, iso, type Range, relative, spanMs } from './range.ts';

/** One range length into the past (-1) or the future (1), never beyond now. */
export function shift(range: Range, direction: -1 | 1, nowMs: number): Range {
  const span = spanMs(range, nowMs);
  const from = instantMs(range.from, nowMs) + direction * span;
  if (from + span >= nowMs - MINUTE_MS && direction === 1) return { from: relative(span), to: 'now' };
  return { from: iso(from), to: iso(from + span) };
}

/** Twice as much time around the same middle, ending at most now. */
export function zoomOut(range: Range, nowMs: number): Range {
  const span = spanMs(range, nowMs);
  if (agoMs(range.to) === 0) return { from: relative(span * 2), to: 'now' };
  const to = Math.min(nowMs, instantMs(range.to, nowMs) + span / 2);
  return { from: iso(to - span * 2), to: iso(to) };
}

/** The range as absolute instants: what a shared link must hold. */
export const frozen = (range: Range, nowMs: number): Range => ({
  from: iso(Math.floor(instantMs(range.from, nowMs) / 1000) * 1000),
  to: iso(Math.ceil(instantMs(range.to, nowMs) / 1000) * 1000),
});
