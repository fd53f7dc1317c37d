import type { RuleDefinition } from '#contract/rule.ts';
import {
  type EndedAlert,
  type FiredOn,
  isFiring,
  type Lifecycle,
  type LifecycleEvent,
  type Verdict,
} from '../lifecycle/state.ts';
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

/** What is over after a step and may still be taken back: that of before, and what the step has resolved. */
export function endedAfter(
  before: Lifecycle,
  events: readonly LifecycleEvent[],
  endMs: number,
): readonly EndedAlert[] {
  const known = (before.ended ?? []).filter(({ firedOn: on }) => endMs - on.endMs <= longestMs);
  const isOver = events.some(({ kind, reason }) => kind === 'resolved' && reason !== 'retracted');
  if (!isOver || !before.firedOn || !mayBeLate(before, endMs)) return known;
  const { firedOn: on, reason, transitions } = before;
  return [...known, { firedOn: on, reason, untilMs: endMs, transitions }];
}

/**
 * The same as `isTakenBack` of an alert that is over: it would not have fired then, and not at the end of any quarter of an hour until
 * it was resolved.
 */
export function isTakenBackLater(
  rule: RuleDefinition,
  groups: readonly GroupWindows[],
  { firedOn: on, reason, untilMs }: EndedAlert,
): boolean {
  if (valuesIn(rule, groups, on.endMs) <= on.n) return false;
  if (reason === 'no_data') return true;
  const kindsAt = (atMs: number) => groups.map(group => verdictOf(rule, group, atMs).kind);
  if (![on.endMs, floor(on.endMs)].every(atMs => kindsAt(atMs).every(kind => kind === 'clear'))) return false;
  for (let atMs = floor(on.endMs) + quarterMs; atMs <= untilMs; atMs += quarterMs)
    if (kindsAt(atMs).includes('breach')) return false;
  return true;
}

const floor = (ms: number) => Math.floor(ms / quarterMs) * quarterMs;

function valuesIn(rule: RuleDefinition, groups: readonly GroupWindows[], endMs: number): number {
  const fromMs = startOf(endMs, neededBy(rule).windowMs);
  return groups.reduce((sum, { windows }) => sum + windows.between(fromMs, floor(endMs)).n, 0);
}
