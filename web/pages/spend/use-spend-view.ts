import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { SpendGroup } from '#contract/spend.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import { fromWall, MINUTE_MS, toWall } from '../../clock.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import { useMonths } from '../../data/spend.ts';
import { addMonths, monthAt, monthStart } from '../../month.ts';
import { absolute, type Range } from '../../state/range.ts';
import type { SpendSearch, Step } from './search.ts';
import { readWhere } from './where.ts';

export interface SpendView {
  month: string;
  /** Decides what the month holds, and its total. */
  reportingZone: string;
  /** Decides the buckets inside; the viewer's choice. */
  zone: string;
  fromMs: number;
  toMs: number;
  range: Range;
  /** The month before, as far into it as this month is. */
  previous: Range & {
    month: string;
    whole: boolean;
    /** When the ledger begins, where that is later than the day this range does: then it is no month to compare with. */
    beginsMs: number | null;
  };
  running: boolean;
  by: SpendGroup;
  step: Step;
  where: string;
  conditions: SpendCondition[];
}

const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What the page shows, from its URL, the reporting zone and the clock. */
export function spendView(
  search: SpendSearch,
  zone: string,
  reportingZone: string,
  nowMs: number,
  begins?: string | null,
): SpendView {
  const month = search.month ?? monthAt(nowMs, reportingZone);
  const before = addMonths(month, -1);
  const [previousMs, fromMs, toMs] = [before, month, addMonths(month, 1)].map(one =>
    monthStart(one, reportingZone),
  ) as [number, number, number];
  const running = nowMs < toMs;
  // The ledger adds up quarters of an hour, so the comparison ends with one.
  const now = Math.floor(nowMs / QUARTER_MS) * QUARTER_MS;
  const wall = (ms: number) => toWall(ms, reportingZone);
  const asFar = fromWall(wall(previousMs) + Math.max(QUARTER_MS, wall(now) - wall(fromMs)), reportingZone);
  const whole = !running || asFar >= fromMs;
  const beginsMs = begins ? Date.parse(begins) : null;
  return {
    month,
    reportingZone,
    zone,
    fromMs,
    toMs,
    range: absolute(fromMs, toMs),
    previous: {
      ...absolute(previousMs, whole ? fromMs : asFar),
      month: before,
      whole,
      beginsMs: beginsMs !== null && beginsMs >= previousMs + DAY_MS ? beginsMs : null,
    },
    running,
    by: search.by ?? 'feature',
    step: search.step ?? 'day',
    where: search.w ?? '',
    conditions: readWhere(search.w ?? ''),
  };
}

export function useSpendView() {
  const search = useSearch({ from: '/spend' });
  const navigate = useNavigate({ from: '/spend' });
  const reporting = useReportingZone();
  const months = useMonths();
  const reportingZone = months.data?.zone ?? reporting;
  const begins = months.data?.begins_at;
  const { month, by, step, w, tz } = search;
  const quarter = Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS;
  const view = useMemo(
    () =>
      spendView({ month, by, step, w } as SpendSearch, tz || reportingZone, reportingZone, quarter, begins),
    [month, by, step, w, tz, reportingZone, quarter, begins],
  );
  const change = (
    next: { [Name in keyof SpendSearch]?: SpendSearch[Name] | undefined } & { tz?: string | undefined },
  ) => void navigate({ resetScroll: false, search: old => ({ ...old, ...next }) });
  return { view, search, months, change };
}
