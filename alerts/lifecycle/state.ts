/** What an evaluation says about one (rule, group key) at one moment. */
export type Verdict =
  | { kind: 'breach'; value: number | null }
  | { kind: 'clear'; value: number | null }
  /** Beyond the threshold no more, but not beyond the one that resolves. */
  | { kind: 'between'; value: number | null }
  /** Too small a sample: there are data, but no verdict. */
  | { kind: 'few' }
  | { kind: 'no_data' }
  /** The group reports no more while others do. */
  | { kind: 'vanished' }
  | { kind: 'error'; message: string }
  /** Data arrive later than the window is long: whatever could be said is about the past. */
  | { kind: 'stale' };

export interface LifecycleSettings {
  forMs: number;
  keepFiringMs: number;
  windowMs: number;
  noData: { afterMs: number; state: 'notify' | 'keep' | 'ok' };
}

/** What it fired on, so that data which come late can be held against it. */
export interface FiredOn {
  /** Data were taken to be complete up to here. */
  endMs: number;
  /** Values in the whole quarters of an hour of its window. */
  n: number;
  /** A sender has not told everything of that time yet. */
  provisional: boolean;
}

/** Where a (rule, group key) stands. Plain JSON; kept before anybody is told. Times are Unix milliseconds. */
export interface Lifecycle {
  version: 1;
  phase: 'ok' | 'pending' | 'firing' | 'recovering';
  /** Why it fires. */
  reason: 'condition' | 'no_data' | null;
  pendingSinceMs: number | null;
  recoveringSinceMs: number | null;
  noDataSinceMs: number | null;
  vanishedSinceMs: number | null;
  noData: boolean;
  stale: boolean;
  /** Evaluations in a row that failed. */
  errors: number;
  error: string | null;
  /** When it fired or resolved within the last hour. */
  turnsMs: number[];
  flapping: boolean;
  /** Last time breach became clear or the other way round. */
  turnedMs: number | null;
  wasBreach: boolean;
  /** Times it has fired or resolved, ever: with the dedup key it names an event, the same on every retry. */
  transitions: number;
  steppedMs: number | null;
  value: number | null;
  /** While it fires. */
  firedOn?: FiredOn | null;
  /** Alerts that are over and that late data may still take back; missing when there are none. */
  ended?: EndedAlert[];
}

/** An alert that was resolved, as far as it takes to hold late data against it. */
export interface EndedAlert {
  firedOn: FiredOn;
  reason: Lifecycle['reason'];
  /** Data were taken to be complete up to here when it was resolved. */
  untilMs: number;
  /** The transition that fired it. */
  transitions: number;
}

export interface LifecycleEvent {
  kind:
    | 'pending'
    | 'cancelled'
    | 'fired'
    | 'recovering'
    | 'relapsed'
    | 'resolved'
    | 'flapping'
    | 'settled'
    | 'no_data'
    | 'data_back'
    | 'error'
    | 'error_over'
    | 'stale'
    | 'fresh'
    | 'confirmed';
  atMs: number;
  /** Of `fired`: why; of `resolved`: how. */
  reason: 'condition' | 'no_data' | 'recovered' | 'no_longer_reported' | 'retracted' | null;
}

export const initialLifecycle = (): Lifecycle => ({
  version: 1,
  phase: 'ok',
  reason: null,
  pendingSinceMs: null,
  recoveringSinceMs: null,
  noDataSinceMs: null,
  vanishedSinceMs: null,
  noData: false,
  stale: false,
  errors: 0,
  error: null,
  turnsMs: [],
  flapping: false,
  turnedMs: null,
  wasBreach: false,
  transitions: 0,
  steppedMs: null,
  value: null,
});

export const isFiring = ({ phase }: Pick<Lifecycle, 'phase'>): boolean =>
  phase === 'firing' || phase === 'recovering';

/** More turns than this within the hour are flapping; it is over after this long without one. */
const mostTurns = 4;
const turnsWithinMs = 3_600_000;
const quietMs = 30 * 60_000;
/** Evaluations that fail in a row before somebody is told. */
const mostErrors = 3;

interface Step {
  now: Lifecycle;
  atMs: number;
  settings: LifecycleSettings;
  /** Just after a start: what looks clear may be what has not arrived. */
  warmUp: boolean;
  events: LifecycleEvent[];
}

/**
 * Takes one verdict. A pure function: the clock is an argument and `before` is left alone. `fired` and `resolved` alternate,
 * whatever comes in. `retract`: what it fired on does not hold any more, now that late data are in.
 */
export function step(
  before: Lifecycle,
  verdict: Verdict,
  at: { nowMs: number; warmUp: boolean; settings: LifecycleSettings; retract?: boolean },
): { state: Lifecycle; events: LifecycleEvent[] } {
  const now = { ...before, turnsMs: before.turnsMs.filter(ms => ms > at.nowMs - turnsWithinMs) };
  const events: LifecycleEvent[] = [];
  const one: Step = { now, atMs: at.nowMs, settings: at.settings, warmUp: at.warmUp, events };
  take(one, verdict);
  const isBack = verdict.kind === 'clear' || verdict.kind === 'few';
  if (at.retract && isBack && !at.warmUp && isFiring(before) && isFiring(now)) resolve(one, 'retracted');
  now.steppedMs = at.nowMs;
  return { state: now, events };
}

function take(one: Step, verdict: Verdict): void {
  const { now } = one;
  if (verdict.kind === 'stale') {
    if (!now.stale) say(one, 'stale');
    now.stale = true;
    hold(one);
    return;
  }
  if (now.stale) say(one, 'fresh');
  now.stale = false;
  if (verdict.kind === 'error') {
    fail(one, verdict.message);
    return;
  }
  if (now.errors >= mostErrors) say(one, 'error_over');
  now.errors = 0;
  now.error = null;
  if (verdict.kind === 'vanished') {
    vanish(one);
    return;
  }
  now.vanishedSinceMs = null;
  if (verdict.kind === 'no_data') {
    withoutData(one);
    return;
  }
  now.noDataSinceMs = null;
  if (now.noData) say(one, 'data_back');
  now.noData = false;
  judge(one, verdict);
}

/** No verdict for want of an evaluation: the timers stand still. */
function hold({ now, atMs }: Step): void {
  const passedMs = now.steppedMs === null ? 0 : Math.max(0, atMs - now.steppedMs);
  for (const timer of [
    'pendingSinceMs',
    'recoveringSinceMs',
    'noDataSinceMs',
    'vanishedSinceMs',
    'turnedMs',
  ] as const) {
    const since = now[timer];
    if (since !== null) now[timer] = since + passedMs;
  }
}

function fail(one: Step, message: string): void {
  one.now.errors += 1;
  one.now.error = message;
  if (one.now.errors === mostErrors) say(one, 'error');
  hold(one);
}

function vanish(one: Step): void {
  const { now, atMs, settings } = one;
  now.vanishedSinceMs ??= atMs;
  if (atMs - now.vanishedSinceMs < 2 * settings.windowMs || one.warmUp) return;
  if (now.phase === 'pending') cancel(one);
  if (isFiring(now)) resolve(one, 'no_longer_reported');
}

function withoutData(one: Step): void {
  const { now, atMs, settings } = one;
  now.noDataSinceMs ??= atMs;
  if (atMs - now.noDataSinceMs < settings.noData.afterMs) return;
  if (settings.noData.state === 'ok') {
    clear(one);
    return;
  }
  if (!now.noData) say(one, 'no_data');
  now.noData = true;
  if (settings.noData.state === 'keep') return;
  if (isFiring(now)) stayFiring(one);
  else fire(one, 'no_data');
}

function judge(one: Step, verdict: Extract<Verdict, { kind: 'breach' | 'clear' | 'between' | 'few' }>): void {
  const { now } = one;
  if (verdict.kind === 'few') {
    // Data are back; that there were none is what it fired for.
    if (now.reason === 'no_data') clear(one);
    return;
  }
  now.value = verdict.value;
  const isBreach =
    verdict.kind === 'breach' || (verdict.kind === 'between' && isFiring(now) && now.reason === 'condition');
  if (isBreach !== now.wasBreach) now.turnedMs = one.atMs;
  now.wasBreach = isBreach;
  settle(one);
  if (isBreach) breach(one);
  else clear(one);
}

function breach(one: Step): void {
  const { now, atMs, settings } = one;
  if (isFiring(now)) {
    now.reason = 'condition';
    stayFiring(one);
    return;
  }
  if (now.phase === 'ok') {
    now.phase = 'pending';
    now.pendingSinceMs = atMs;
    if (settings.forMs > 0) say(one, 'pending');
  }
  if (atMs - now.pendingSinceMs! >= settings.forMs) fire(one, 'condition');
}

function clear(one: Step): void {
  const { now, atMs, settings, warmUp } = one;
  if (warmUp) return;
  if (now.phase === 'pending') {
    cancel(one);
    return;
  }
  if (!isFiring(now)) return;
  if (now.phase === 'firing') {
    now.phase = 'recovering';
    now.recoveringSinceMs = atMs;
    say(one, 'recovering');
  }
  if (atMs - now.recoveringSinceMs! < settings.keepFiringMs || now.flapping) return;
  // One more turn would be flapping: it is held instead, and told once.
  if (now.turnsMs.length >= mostTurns) {
    flap(one);
    return;
  }
  resolve(one, 'recovered');
}

function fire(one: Step, reason: 'condition' | 'no_data'): void {
  const { now, atMs } = one;
  const flaps = now.turnsMs.length >= mostTurns;
  Object.assign(now, { phase: 'firing', reason, pendingSinceMs: null, recoveringSinceMs: null });
  now.turnsMs.push(atMs);
  now.transitions += 1;
  say(one, 'fired', reason);
  if (flaps) flap(one);
}

function stayFiring(one: Step): void {
  const { now } = one;
  if (now.phase === 'recovering') say(one, 'relapsed');
  Object.assign(now, { phase: 'firing', recoveringSinceMs: null });
}

function cancel(one: Step): void {
  Object.assign(one.now, { phase: 'ok', pendingSinceMs: null });
  say(one, 'cancelled');
}

function resolve(one: Step, reason: 'recovered' | 'no_longer_reported' | 'retracted'): void {
  const { now, atMs } = one;
  const over = { recoveringSinceMs: null, noData: false, flapping: false, firedOn: null };
  Object.assign(now, { phase: 'ok', reason: null, ...over });
  now.turnsMs.push(atMs);
  now.transitions += 1;
  say(one, 'resolved', reason);
}

function flap(one: Step): void {
  if (one.now.flapping) return;
  one.now.flapping = true;
  one.now.turnedMs ??= one.atMs;
  say(one, 'flapping');
}

function settle(one: Step): void {
  const { now, atMs } = one;
  if (!now.flapping || now.turnedMs === null || atMs - now.turnedMs < quietMs) return;
  now.flapping = false;
  now.turnsMs = [];
  say(one, 'settled');
}

function say(
  { events, atMs }: Step,
  kind: LifecycleEvent['kind'],
  reason: LifecycleEvent['reason'] = null,
): void {
  events.push({ kind, atMs, reason });
}
