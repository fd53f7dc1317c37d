import type { Router } from 'express';
import { exportSpend } from '#contract/export.ts';
import { instantMs } from '#contract/range.ts';
import { monthBounds } from '#ledger/files/month-bounds.ts';
import { spendFile } from '#ledger/files/spend-file.ts';
import { isZone, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

const quarterMs = 900_000;

export function exportRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, nowMs } = services;

  serveFile(router, exportSpend, async asked => {
    const tz = asked.tz ?? (await reportingZone(services));
    if (!isZone(tz)) throw new HttpProblem(400, `tz: ${tz} is not a time zone`);
    const { format, interval, version, where, group_by: groupBy } = asked;
    if (format === 'focus' && interval !== 'day' && interval !== 'hour')
      throw new HttpProblem(400, `interval: FOCUS has rows of an hour or a day, not ${interval}`);
    return spendFile(clickhouse, {
      ...partOf(asked, tz, nowMs()),
      projectId,
      tz,
      where,
      format,
      interval,
      version,
      groupBy,
    });
  });
}

interface AskedTime {
  month?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** The asked time, widened to whole quarters of an hour, which is as fine as spend is kept. */
function partOf({ month, from, to }: AskedTime, tz: string, nowMs: number) {
  if (month) {
    if (from || to) throw new HttpProblem(400, 'month: give a month, or from and to, not both');
    return { ...monthBounds(month, tz), span: month };
  }
  if (!from) throw new HttpProblem(400, 'month: give a month such as 2026-10, or from');
  const fromMs = Math.floor(instantMs(from, nowMs) / quarterMs) * quarterMs;
  const toMs = Math.ceil(instantMs(to ?? 'now', nowMs) / quarterMs) * quarterMs;
  if (fromMs >= toMs) throw new HttpProblem(400, `from: ${from} is not before to: ${to ?? 'now'}`);
  return { fromMs, toMs, span: `${dateOf(fromMs, tz)}-${dateOf(toMs - 1, tz)}` };
}

const dateOf = (ms: number, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(ms).replaceAll('-', '');
