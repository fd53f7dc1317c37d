import type { Router } from 'express';
import { exportSpend } from '#contract/export.ts';
import { instantMs } from '#contract/range.ts';
import { keptFile, monthPart } from '#ledger/files/month-part.ts';
import { type SpendFileQuestion, spendFile, usualFile } from '#ledger/files/spend-file.ts';
import { isZone, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

const quarterMs = 900_000;

export function exportRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, nowMs } = services;

  serveFile(router, exportSpend, async asked => {
    const zone = await reportingZone(services);
    const tz = asked.tz ?? zone;
    if (!isZone(tz)) throw new HttpProblem(400, `tz: ${tz} is not a time zone`);
    const { format, interval, version, where, group_by: groupBy, month } = asked;
    if (format === 'focus' && interval !== 'day' && interval !== 'hour')
      throw new HttpProblem(400, `interval: FOCUS has rows of an hour or a day, not ${interval}`);
    const { closed, ...part } = month
      ? { ...(await monthPart(services.alerts, { month, zone: tz, reportingZone: zone })), span: month }
      : { ...rangeOf(asked, tz, nowMs()), closed: null };
    if (month && (asked.from || asked.to))
      throw new HttpProblem(400, 'month: give a month, or from and to, not both');
    const question = { ...part, projectId, tz, where, format, interval, version, groupBy };
    const file = spendFile(clickhouse, question);
    const kept = isUsual(question) && closed?.files.find(({ name }) => name === file.name);
    return closed && kept ? keptFile(clickhouse, closed, kept) : file;
  });
}

/** Asked without wishes of its own: what a closed month has kept. */
function isUsual({ interval, where, groupBy, format }: SpendFileQuestion): boolean {
  const grouped = format === 'focus' || groupBy.join() === usualFile.groupBy.join();
  return interval === usualFile.interval && where.length === 0 && grouped;
}

/** The asked time, widened to whole quarters of an hour, which is as fine as spend is kept. */
function rangeOf(
  { from, to = 'now' }: { from?: string | undefined; to?: string | undefined },
  tz: string,
  nowMs: number,
) {
  if (!from) throw new HttpProblem(400, 'month: give a month such as 2026-10, or from');
  const fromMs = Math.floor(instantMs(from, nowMs) / quarterMs) * quarterMs;
  const toMs = Math.ceil(instantMs(to, nowMs) / quarterMs) * quarterMs;
  if (fromMs >= toMs) throw new HttpProblem(400, `from: ${from} is not before to: ${to}`);
  return { fromMs, toMs, span: `${dateOf(fromMs, tz)}-${dateOf(toMs - 1, tz)}` };
}

const dateOf = (ms: number, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(ms).replaceAll('-', '');
