import type { RuleDefinition } from '#contract/rule.ts';
import type { Verdict } from '../lifecycle/state.ts';
import { type GroupWindows, measureOf, type SloRule, type ThresholdRule } from './measure.ts';

const quarterMs = 900_000;
/** A group that was silent for this long is not known any more. */
export const knownMs = 7 * 86_400_000;

/** Start of a window that ends at `endMs`: whole quarters of an hour, so the one under way comes on top. */
export const startOf = (endMs: number, lengthMs: number): number =>
  Math.floor((endMs - lengthMs) / quarterMs) * quarterMs;

/** What a rule says of one group at `endMs`, up to which data are taken to be complete. */
export function verdictOf(rule: RuleDefinition, group: GroupWindows, endMs: number): Verdict {
  if (rule.kind === 'threshold') return judgeThreshold(rule, group, endMs);
  if (rule.kind === 'slo') return judgeSlo(rule, group, endMs);
  if (rule.kind === 'absence') return judgeAbsence(rule.silent_s * 1000, group, endMs);
  throw new Error('budgets are not judged from calls');
}

function judgeThreshold(rule: ThresholdRule, { windows }: GroupWindows, endMs: number): Verdict {
  const measure = measureOf(rule.metric);
  const fromMs = startOf(endMs, rule.window_s * 1000);
  const { n } = windows.between(fromMs, endMs);
  if (n === 0) return { kind: 'no_data' };
  if (measure.needsSample && n < rule.min_requests) return { kind: 'few' };
  const value = measure.value(windows, fromMs, endMs);
  if (value === null) return { kind: 'few' };
  return { kind: sideOf(rule, value), value };
}

function sideOf({ above, below, resolve_at }: ThresholdRule, value: number): 'breach' | 'clear' | 'between' {
  if (above !== undefined) {
    if (value > above) return 'breach';
    return value > (resolve_at ?? above) ? 'between' : 'clear';
  }
  if (value < below!) return 'breach';
  return value < (resolve_at ?? below!) ? 'between' : 'clear';
}

/** The value is the highest burn rate that both windows of a pair reach. */
function judgeSlo(rule: SloRule, { bad, windows }: GroupWindows, endMs: number): Verdict {
  const allowed = 1 - rule.objective / 100;
  let highest: number | null = null;
  let breach = false;
  let few = false;
  for (const { long_s, short_s, burn } of rule.windows) {
    const longMs = long_s * 1000;
    if (windows.between(startOf(endMs, longMs), endMs).n < rule.min_requests) {
      few = true;
      continue;
    }
    const rates = [longMs, short_s * 1000].map(lengthMs => {
      const { n, sum } = bad!.between(startOf(endMs, lengthMs), endMs);
      return n > 0 ? sum / n / allowed : 0;
    });
    const both = Math.min(...rates);
    if (both >= burn) breach = true;
    highest = Math.max(highest ?? 0, both);
  }
  if (highest !== null) return { kind: breach ? 'breach' : 'clear', value: highest };
  const longest = startOf(endMs, Math.max(...rule.windows.map(({ long_s }) => long_s)) * 1000);
  return few && windows.between(longest, endMs).n > 0 ? { kind: 'few' } : { kind: 'no_data' };
}

/** The value is how many minutes nothing was received for. */
function judgeAbsence(silentMs: number, { starts, windows }: GroupWindows, endMs: number): Verdict {
  const fromMs = endMs - knownMs - silentMs;
  if (windows.between(fromMs, endMs).n === 0) return { kind: 'vanished' };
  let last = starts.length - 1;
  while (last > 0 && starts[last]! >= endMs) last -= 1;
  // Its last call may have come at the very end of its quarter of an hour.
  const quietMs = Math.max(0, endMs - starts[last]! - quarterMs);
  return { kind: quietMs >= silentMs ? 'breach' : 'clear', value: Math.round(quietMs / 60_000) };
}
