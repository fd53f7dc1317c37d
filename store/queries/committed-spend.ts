import type { ClickHouse } from '../engine/client.ts';
import { OVERLAY } from './prepaid-use.ts';
import { type SpendRange, sumsOfRanges } from './spend-days.ts';
import { mayChoose } from './spend-projection.ts';
import { isoToStore } from './time.ts';

/**
 * What the calls of a time cost that some overlays priced, nano-dollars by overlay, without what was booked for closed months. By sums of
 * days, which the engine keeps.
 */
export async function readPricedSpend(
  clickhouse: ClickHouse,
  { projectId, ...range }: { projectId: string } & SpendRange,
  overlays: readonly string[],
): Promise<Map<string, bigint>> {
  const keys = [`${OVERLAY} AS overlay`, 'entry'];
  const sums = sumsOfRanges([wholeQuarters(range)], { keys, numbers: ['cost_nanos'], filter: '' });
  const rows = await clickhouse.query<{ overlay: string; nanos: string }>(
    `SELECT toString(overlay) AS overlay, toString(sum(sums[1])) AS nanos FROM (${sums})
     WHERE entry != 'adjustment' AND overlay IN {overlays:Array(String)} GROUP BY overlay`,
    { project: projectId, overlays },
    { settings: mayChoose },
  );
  return new Map(rows.map(({ overlay, nanos }) => [overlay, BigInt(nanos)]));
}

/** Calls of a provider (empty: every one) and a model (`*` stands for anything, empty: every one) in a time, Unix milliseconds. */
interface SpendOn extends SpendRange {
  projectId: string;
  provider: string;
  model: string;
}

/** What such calls cost, nano-dollars, without what was booked for closed months. By sums of days. */
export async function readSpendOn(
  clickhouse: ClickHouse,
  { projectId, provider, model, ...range }: SpendOn,
): Promise<bigint> {
  const sums = sumsOfRanges([wholeQuarters(range)], {
    keys: ['entry'],
    numbers: ['cost_nanos'],
    filter: `AND ${IS_ABOUT}`,
  });
  const [row] = await clickhouse.query<{ nanos: string }>(
    `SELECT toString(sum(sums[1])) AS nanos FROM (${sums}) WHERE entry != 'adjustment'`,
    { project: projectId, provider, model: likeOf(model) },
    { settings: mayChoose },
  );
  return BigInt(row?.nanos ?? '0');
}

/**
 * What was booked before the end of `booked` for such calls of a closed month, or for those that an overlay priced: by the month it was booked
 * in, the first one first.
 */
export function readBookedSpend(
  clickhouse: ClickHouse,
  { projectId, provider, model, overlay, fromMs, toMs }: SpendOn & { overlay: string | null },
  booked: SpendRange & { tz: string },
): Promise<{ booked_month: string; is_before: 0 | 1; nanos: string }[]> {
  return clickhouse.query(
    `SELECT formatDateTime(bucket, '%Y-%m', {tz:String}) AS booked_month, bucket < {from:DateTime('UTC')} AS is_before,
       toString(sum(cost_nanos)) AS nanos
     FROM spend_adjustments
     WHERE project_id = {project:String} AND bucket < {to:DateTime('UTC')}
       AND origin >= {first:DateTime('UTC')} AND origin < {end:DateTime('UTC')}
       AND ${overlay === null ? IS_ABOUT : `${OVERLAY} = {overlay:String}`}
     GROUP BY booked_month, is_before HAVING nanos != '0' ORDER BY booked_month, is_before DESC`,
    {
      ...{ project: projectId, provider, model: likeOf(model), overlay: overlay ?? '', tz: booked.tz },
      ...{ from: storeTime(booked.fromMs), to: storeTime(booked.toMs) },
      ...{ first: storeTime(fromMs), end: storeTime(toMs) },
    },
  );
}

/** The months of the asked zone that something was booked for in a time, the oldest first. */
export async function readOriginMonths(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, tz }: { projectId: string; tz: string } & SpendRange,
): Promise<string[]> {
  const rows = await clickhouse.query<{ month: string }>(
    `SELECT DISTINCT formatDateTime(origin, '%Y-%m', {tz:String}) AS month FROM spend_adjustments
     WHERE project_id = {project:String} AND bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')} ORDER BY month`,
    { project: projectId, from: storeTime(fromMs), to: storeTime(toMs), tz },
  );
  return rows.map(({ month }) => month);
}

const IS_ABOUT = `({provider:String} = '' OR provider = {provider:String}) AND ({model:String} = '' OR model ILIKE {model:String})`;

const likeOf = (model: string) => model.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%');
const storeTime = (ms: number) => isoToStore(ms).slice(0, 19);

const quarterMs = 900_000;
/** The quarters that begin in it. */
const wholeQuarters = ({ fromMs, toMs }: SpendRange): SpendRange => ({
  fromMs: Math.ceil(fromMs / quarterMs) * quarterMs,
  toMs: Math.ceil(toMs / quarterMs) * quarterMs,
});
