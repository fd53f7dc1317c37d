import type { RuleDefinition } from '#contract/rule.ts';
import { type FiredOn, isFiring, type Lifecycle, type Verdict } from '../lifecycle/state.ts';
import { startOf, verdictOf } from './judge.ts';
import { type GroupWindows, neededBy } from './measure.ts';

const quarterMs = 900_000;
/** What comes later than this changes nothing any more. */
const longestMs = 24 * 3_600_000;

/** What an alert that fires now does so on. */
export function firedOn(rule: RuleDefinition, groups: readonly GroupWindows[], endMs: number): FiredOn {
  return { endMs, n: valuesIn(rule, groups, endMs), provisional: false };
}

/** Whether data may still come that count for what it fired on. */
export const mayBeLate = ({ firedOn: on }: Lifecycle, endMs: number): boolean =>
  on !== undefined && on !== null && endMs - on.endMs <= longestMs;

/**
 * Whether an alert would not have fired had all data been there in time. Only values that came later are held against it, in quarters
 * of an hour that were over by then: what the quarter under way became after it fired is no mistake. `groups`: the calls the alert is about.
 */
export function isTakenBack(
  rule: RuleDefinition,
  groups: readonly GroupWindows[],
  { before, verdict, endMs }: { before: Lifecycle; verdict: Verdict; endMs: number },
): boolean {
  if (!isFiring(before) || !mayBeLate(before, endMs)) return false;
  const on = before.firedOn!;
  if (valuesIn(rule, groups, on.endMs) <= on.n) return false;
  // That nothing had come is not true any more.
  if (before.reason === 'no_data') return verdict.kind === 'clear' || verdict.kind === 'few';
  if (verdict.kind !== 'clear') return false;
  return groups.every(group =>
    [on.endMs, floor(on.endMs)].every(atMs => verdictOf(rule, group, atMs).kind === 'clear'),
  );
}

const floor = (ms: number) => Math.floor(ms / quarterMs) * quarterMs;

function valuesIn(rule: RuleDefinition, groups: readonly GroupWindows[], endMs: number): number {
  const fromMs = startOf(endMs, neededBy(rule).windowMs);
  return groups.reduce((sum, { windows }) => sum + windows.between(fromMs, floor(endMs)).n, 0);
}
