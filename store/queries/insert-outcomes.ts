import { createHash, randomUUID } from 'node:crypto';
import type { OutcomeInput } from '#contract/outcome.ts';
import type { ClickHouse } from '../engine/client.ts';
import { clickhouseTime, type OutcomeRow } from '../rows.ts';

export interface InsertOutcomes {
  projectId: string;
  nowMs: number;
}

/**
 * Stores outcomes sent from outside and returns their ids. One with the caller's own id replaces the one sent before under
 * that name, also when it comes without a time on another day.
 */
export async function insertOutcomes(
  clickhouse: ClickHouse,
  outcomes: readonly OutcomeInput[],
  { projectId, nowMs }: InsertOutcomes,
): Promise<string[]> {
  const ids = outcomes.map(({ name, id }) =>
    id === undefined ? randomUUID() : outcomeId(projectId, name, id),
  );
  const known = await timesOf(clickhouse, projectId, ids);
  // Two of one request under one id are one outcome, and the time is part of its place.
  const times = new Map(known);
  const rows = outcomes.map((outcome, at): OutcomeRow => {
    const id = ids[at]!;
    const ms = outcome.time ? Date.parse(outcome.time) : nowMs;
    const time = times.get(id) ?? clickhouseTime(BigInt(ms) * 1_000_000n);
    times.set(id, time);
    return {
      project_id: projectId,
      time,
      outcome_id: id,
      name: outcome.name,
      value: outcome.value ?? null,
      value_nanos: outcome.value_usd === undefined ? null : nanosFromUsd(outcome.value_usd),
      label: outcome.label ?? '',
      source: 'api',
      trace_id: outcome.trace_id?.toLowerCase() ?? '',
      response_id: outcome.response_id ?? '',
      session: outcome.session_id ?? '',
      user: outcome.user_id ?? '',
      feature: outcome.feature ?? '',
      version: String(nowMs * 1000 + at),
      is_deleted: 0,
    };
  });
  await clickhouse.insert('outcomes', rows);
  return ids;
}

/** Same project, name and caller's id: same outcome, whichever way it is sent. */
export function outcomeId(projectId: string, name: string, id: string): string {
  return createHash('sha256')
    .update(JSON.stringify([projectId, name, id]))
    .digest('hex')
    .slice(0, 32);
}

/** Decimal USD as integer nano-dollars in text; what is beyond nine places is rounded half away from zero. */
export function nanosFromUsd(usd: number | string): string {
  // Nine places of a double below 10^6 are exact; above, what it has.
  const text = typeof usd === 'number' ? usd.toFixed(9) : usd;
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const digits = BigInt(`${whole}${fraction.padEnd(9, '0').slice(0, 9)}`);
  const rounded = digits + ((fraction[9] ?? '0') >= '5' ? 1n : 0n);
  return `${rounded === 0n ? '' : sign}${rounded}`;
}

/** A replacement must use the first time: it decides the partition in which both versions meet. */
async function timesOf(
  clickhouse: ClickHouse,
  projectId: string,
  ids: string[],
): Promise<Map<string, string>> {
  const rows = await clickhouse.query<{ outcome_id: string; time: string }>(
    `SELECT outcome_id, toString(any(o.time)) AS time FROM outcomes AS o
     WHERE project_id = {project:String} AND outcome_id IN {ids:Array(String)} GROUP BY outcome_id`,
    { project: projectId, ids },
  );
  return new Map(rows.map(row => [row.outcome_id, row.time]));
}
