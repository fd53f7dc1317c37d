import type { Router } from 'express';
import { exportSpend } from '#contract/export.ts';
import { instantMs } from '#contract/range.ts';
import { monthFile, rangeFile } from '#ledger/files/asked-file.ts';
import { isZone, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

const quarterMs = 900_000;

export function exportRoutes(router: Router, services: Services): void {
  const { nowMs } = services;

  serveFile(router, exportSpend, async asked => {
    const zone = await reportingZone(services);
    const tz = asked.tz ?? zone;
    if (!isZone(tz)) throw new HttpProblem(400, `tz: ${tz} is not a time zone`);
    const { format, interval, version, where, group_by: groupBy, month } = asked;
    if (format === 'focus' && interval !== 'day' && interval !== 'hour')
      throw new HttpProblem(400, `interval: FOCUS has rows of an hour or a day, not ${interval}`);
    if (month && (asked.from || asked.to))
      throw new HttpProblem(400, 'month: give a month, or from and to, not both');
    const question = { tz, where, format, interval, version, groupBy };
    return month
      ? monthFile(services.alerts, { ...question, month, reportingZone: zone })
      : rangeFile(services.alerts, { ...question, ...rangeOf(asked, nowMs()) });
  });
}

/** The asked time, widened to whole quarters of an hour, which is as fine as spend is kept. */
function rangeOf(
  { from, to = 'now' }: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
) {
  if (!from) throw new HttpProblem(400, 'month: give a month such as 2026-10, or from');
  const fromMs = Math.floor(instantMs(from, nowMs) / quarterMs) * quarterMs;
  const toMs = Math.ceil(instantMs(to, nowMs) / quarterMs) * quarterMs;
  if (fromMs >= toMs) throw new HttpProblem(400, `from: ${from} is not before to: ${to}`);
  return { fromMs, toMs };
}
