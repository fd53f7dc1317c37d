import { createHash } from 'node:crypto';
import { differingHours, rowsOfHours } from '#store/queries/spend-changes.ts';
import { adjustFrozen, type Hour, rollUpHours } from '#store/spend-roll-up.ts';
import { frozenParts, listClosedMonths } from '#store/state/closed-months.ts';
import { openInternalAlert } from '#store/state/internal-alerts.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import type { LedgerDeps } from '../deps.ts';
import type { LedgerLease } from './lease.ts';
import type { Position } from './position.ts';

const everyMs = 24 * 3_600_000;
const comparedDays = 35;
const comparedRows = 2_000_000;
const hourMs = 3_600_000;

/** Whether the last comparison is a day old; the first is due a day after the first roll-up. */
export async function isComparisonDue({ state, projectId, clock }: LedgerDeps): Promise<boolean> {
  const last = await readProgress(state, job(projectId));
  if (last === null) await writeProgress(state, job(projectId), new Date(clock.now()).toISOString());
  return last !== null && clock.now() - Date.parse(last) >= everyMs;
}

const job = (projectId: string) => `spend comparison ${projectId}`;

/**
 * Compares the spend of the last five weeks with its calls, some days at a time. What differs is computed again (or, where
 * the month is closed, booked) and told: it should not happen. Returns the hours that differed; null when another process
 * has the ledger.
 */
export async function compareWithCalls(
  deps: LedgerDeps,
  {
    lease,
    lookAgain,
    pause,
  }: {
    lease: LedgerLease;
    lookAgain(): Promise<Position>;
    pause?: ((tookMs: number) => Promise<void>) | undefined;
  },
): Promise<Hour[] | null> {
  const { clickhouse, state, projectId, clock, log } = deps;
  const toHour = Math.floor(clock.now() / hourMs) + 1;
  const all: Hour[] = [];
  const days = Array.from({ length: comparedDays }, (_, day) => toHour - (day + 1) * 24);
  for (const { fromHour, toHour: end } of await spansOf(deps, days)) {
    if (!(await lease.take())) return null;
    const began = performance.now();
    const found = await differingHours(clickhouse, { projectId, fromHour, toHour: end });
    // What was stored a moment ago is not expected to be in the ledger yet.
    const expected = found.length ? (await lookAgain()).pending : new Set();
    const hours = found.map(({ hour }) => hour).filter(hour => !expected.has(hour));
    const frozen = frozenParts(await listClosedMonths(state, projectId));
    const isFrozen = (hour: Hour) =>
      frozen.some(([from, to]) => hour * 3600 < to && (hour + 1) * 3600 > from);
    const open = hours.filter(hour => !isFrozen(hour));
    if (!(await rollUpHours(clickhouse, { projectId, frozen }, open, lease.take))) return null;
    // What is booked for a closed month differs from its calls once it was adjusted: only what is not booked counts.
    const adjusted = await adjustFrozen(clickhouse, { projectId, frozen }, { hours, nowMs: clock.now() });
    all.push(...open, ...(adjusted ? hours.filter(isFrozen) : []));
    await pause?.(performance.now() - began);
  }
  await writeProgress(state, job(projectId), new Date(clock.now()).toISOString());
  if (all.length > 0) {
    log.warn({ hours: all.length }, 'spend differed from its calls and was computed again');
    await warn(deps, all);
  }
  return all;
}

/** Days, each by its first hour and the newest first, taken together as far as one statement can compare them. */
async function spansOf({ clickhouse, projectId }: LedgerDeps, days: readonly Hour[]) {
  const hours = [days.at(-1)!, days[0]! + 23];
  const rows = await rowsOfHours(clickhouse, { projectId, hours });
  const spans: { fromHour: Hour; toHour: Hour; rows: number }[] = [];
  for (const fromHour of days) {
    let ofDay = 0;
    for (let hour = fromHour; hour < fromHour + 24; hour += 1) ofDay += rows.get(hour) ?? 0;
    const last = spans.at(-1);
    if (last && last.rows + ofDay <= comparedRows) Object.assign(last, { fromHour, rows: last.rows + ofDay });
    else spans.push({ fromHour, toHour: fromHour + 24, rows: ofDay });
  }
  return spans;
}

/** An alert about Driftline itself; as nothing goes on reporting it, it is resolved by itself. */
async function warn({ state, clock, projectId }: LedgerDeps, hours: readonly Hour[]): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  const id = createHash('sha256').update(`spend ${projectId} ${at}`).digest('hex').slice(0, 20);
  const first = new Date(Math.min(...hours) * hourMs).toISOString();
  await openInternalAlert(state, {
    alert_id: `int_${id}`,
    collector_id: 'ledger',
    problem_id: 'spend-differs',
    severity: 'warning',
    title: 'Driftline: spend differed from its calls',
    detail: `The daily comparison found ${hours.length} hours since ${first} whose spend was not the sum of their calls. They were computed again.`,
    state: 'firing',
    since: at,
    opened_at: at,
    gone_since: null,
    resolved_at: null,
  });
}
