import type { RuleDefinition, WouldFire } from '#contract/rule.ts';
import { isFiring, type Lifecycle } from '../lifecycle/state.ts';
import { type RuleData, type Stepped, settingsOf, stepRule } from './evaluate.ts';
import { titleOf } from './words.ts';

const quarterMs = 900_000;

export interface Backtest {
  fired: WouldFire[];
  /** Quarters of an hour with a verdict of some group, and all there were. */
  judged: number;
  steps: number;
}

/**
 * What a rule would have done from `fromMs` to `toMs`: the steps of the live evaluation at the end of every quarter of an hour,
 * and in between when a timer runs out.
 */
export function backtest(
  rule: RuleDefinition,
  data: RuleData,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Backtest {
  const known = new Map<string, { labels: Stepped['labels']; state: Lifecycle }>();
  const open = new Map<string, WouldFire>();
  const fired: WouldFire[] = [];
  let judged = 0;
  let steps = 0;

  function take(endMs: number, nowMs: number): Stepped[] {
    const stepped = stepRule(rule, data, known, { endMs, nowMs, warmUp: false });
    for (const one of stepped) {
      known.set(one.key, one);
      for (const event of one.events) note(one, event.kind, event.atMs);
    }
    return stepped;
  }

  function note({ key, labels, state }: Stepped, kind: string, atMs: number): void {
    if (kind === 'fired') {
      const { value, noData } = state;
      const one: WouldFire = {
        labels: { ...labels },
        title: titleOf(rule, labels, { value, noData }),
        fired_at: new Date(atMs).toISOString(),
        resolved_at: null,
        value: noData ? null : value,
      };
      fired.push(one);
      open.set(key, one);
    } else if (kind === 'resolved') {
      const one = open.get(key);
      if (one) one.resolved_at = new Date(atMs).toISOString();
      open.delete(key);
    }
  }

  const firstMs = Math.ceil(fromMs / quarterMs) * quarterMs;
  for (let endMs = firstMs; endMs <= toMs; endMs += quarterMs) {
    const stepped = take(endMs, endMs);
    steps += 1;
    if (stepped.some(({ verdict }) => 'value' in verdict)) judged += 1;
    for (const dueMs of timersWithin(rule, stepped, endMs)) take(endMs, dueMs);
  }
  return { fired, judged, steps };
}

/** When timers run out before the next quarter of an hour is over, in order. */
function timersWithin(rule: RuleDefinition, stepped: readonly Stepped[], endMs: number): number[] {
  const { forMs, keepFiringMs } = settingsOf(rule);
  const due = new Set<number>();
  for (const { state } of stepped) {
    if (state.phase === 'pending' && !isFiring(state)) due.add(state.pendingSinceMs! + forMs);
    if (state.phase === 'recovering') due.add(state.recoveringSinceMs! + keepFiringMs);
  }
  return [...due].filter(ms => ms > endMs && ms < endMs + quarterMs).sort((one, other) => one - other);
}

/** `would have fired 3 times in 60 days`. */
export function sentenceOf(times: number, days: number): string {
  const span = days === 1 ? '1 day' : `${days} days`;
  if (times === 0) return `would not have fired in ${span}`;
  return `would have fired ${times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`} in ${span}`;
}
