import type { Router } from 'express';
import { adoption, type OutcomeInput, outcomeSummary, postOutcomes } from '#contract/outcome.ts';
import { readAdoption } from '#ledger/outcome/adoption.ts';
import { readJoined } from '#ledger/outcome/schedule.ts';
import { outcomeSummary as readSummary } from '#ledger/outcome/summary.ts';
import { usageProgress } from '#ledger/outcome/usage.ts';
import { insertOutcomes } from '#store/queries/insert-outcomes.ts';
import type { Redactor } from '#store/redact/redactor.ts';
import { rangeOf, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
/** An outcome is kept as long as the calls are; one of tomorrow is a mistake of a clock or a unit. */
const OLDEST_MS = 400 * DAY_MS;

export function outcomesRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs, privacy } = services;

  serve(router, postOutcomes, async asked => {
    const { redactor } = await privacy();
    const given = 'outcomes' in asked ? asked.outcomes : [asked];
    for (const [at, { time }] of given.entries())
      checkTime(time, 'outcomes' in asked ? `outcomes.${at}.time` : 'time', nowMs());
    const ids = await insertOutcomes(
      clickhouse,
      given.map(outcome => redacted(outcome, redactor)),
      { projectId, nowMs: nowMs() },
    );
    return { accepted: ids.length, ids };
  });

  serve(router, outcomeSummary, async ({ from, to, group_by, name, where }) => {
    const zone = await reportingZone(services);
    const range = rangeOf({ from, to }, nowMs());
    const [summary, joined] = await Promise.all([
      readSummary(clickhouse, { projectId, ...range, name, where, by: group_by, zone, nowMs: nowMs() }),
      readJoined(state, projectId),
    ]);
    return { ...summary, joined_at: joined?.at ?? null };
  });

  serve(router, adoption, async ({ from, to, period, ...filters }) => {
    const zone = await reportingZone(services);
    const { fromMs, toMs } = rangeOf({ from, to }, nowMs());
    const where = Object.entries(filters).flatMap(([dimension, value]) =>
      value === '' ? [] : [{ dimension, value }],
    );
    const days = { fromDay: dayIn(zone, fromMs), toDay: dayIn(zone, toMs - 1), today: dayIn(zone, nowMs()) };
    const [read, progress] = await Promise.all([
      readAdoption(clickhouse, { projectId, zone, period, where, ...days }),
      usageProgress({ state, projectId, zone }),
    ]);
    return { ...read, progress };
  });
}

/** The day of an instant in a zone, `2026-11-20`. */
function dayIn(zone: string, ms: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(ms);
}

function checkTime(time: string | undefined, name: string, nowMs: number): void {
  if (time === undefined) return;
  const ms = Date.parse(time);
  if (ms > nowMs + DAY_MS) throw new HttpProblem(400, `${name}: ${time} is in the future`);
  if (ms < nowMs - OLDEST_MS) throw new HttpProblem(400, `${name}: ${time} is more than 400 days ago`);
}

/** Without private values. What is named changes as the collector changes it, so that outcomes still meet their calls. */
function redacted(outcome: OutcomeInput, redactor: Redactor): OutcomeInput {
  const { text, value } = redactor;
  const { label, response_id, session_id, user_id, feature } = outcome;
  return {
    ...outcome,
    name: text(outcome.name),
    ...(label !== undefined && { label: text(label) }),
    ...(feature !== undefined && { feature: value(feature) }),
    ...(response_id !== undefined && { response_id: value(response_id) }),
    ...(session_id !== undefined && { session_id: value(session_id) }),
    ...(user_id !== undefined && { user_id: value(user_id) }),
  };
}
