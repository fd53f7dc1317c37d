import type { ClickHouse } from '../engine/client.ts';
import { partParams, partSums, type SpendPart } from './export-spend.ts';
import { spendMap } from './spend-columns.ts';
import { localDays, sumsOfLocalDays } from './spend-local-days.ts';
import { mayChoose } from './spend-projection.ts';
import { isoToStore } from './time.ts';

/** SQL: the overlay that a price version names, as `overlayIdOf` reads it. */
export const OVERLAY = `extract(price_version, '\\\\+([^+#]+)\\\\.[0-9]+#[0-9a-f]{8}(?:\\\\*|$)')`;

/** SQL: what of a map of reductions was paid ahead. */
const prepaidOf = (map: string) =>
  `arraySum(mapValues(mapFilter((key, nanos) -> startsWith(key, 'prepaid.'), CAST(${map}, 'Map(String, Int64)'))))`;

/** Of `Asked`, whole quarters of an hour, [fromMs, toMs). */
type Asked = Omit<SpendPart, 'where'>;

export interface PrepaidDay {
  overlay: string;
  /** `2026-10-25`, of the asked zone. */
  day: string;
  nanos: string;
}

/**
 * What was used of amounts paid ahead, by overlay and local day, the oldest first, in nano-dollars; without what was booked for closed
 * months. By sums of days, which the engine keeps.
 */
export async function readPrepaidDays(
  clickhouse: ClickHouse,
  asked: Asked,
  overlays: readonly string[],
): Promise<PrepaidDay[]> {
  const days = await localDays(clickhouse, asked);
  const keys = [`${OVERLAY} AS k0`];
  // Repricings are in the sums of days as well; only what has a reason is not.
  const sums = days
    ? sumsOfLocalDays(days, { keys, numbers: [], maps: [spendMap], filter: "AND entry != 'adjustment'" })
    : await partSums(
        clickhouse,
        { ...asked, where: [] },
        { unit: 'day', keys: [OVERLAY], numbers: [], maps: [spendMap] },
      );
  return clickhouse.query<PrepaidDay>(
    `SELECT toString(k0) AS overlay, toString(at) AS day, toString(sum(${prepaidOf(`s_${spendMap}`)})) AS nanos
     FROM (${sums}) WHERE ${days ? '' : "entry_ != 'adjustment' AND "}k0 IN {overlays:Array(String)}
     GROUP BY overlay, at HAVING nanos != '0' ORDER BY overlay, at`,
    { ...partParams({ ...asked, where: [] }), overlays },
    { settings: mayChoose },
  );
}

/** The same of one overlay by quarter of an hour, the oldest first. */
export async function readPrepaidQuarters(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, tz }: Asked,
  { overlay, day }: Pick<PrepaidDay, 'overlay' | 'day'>,
): Promise<{ atMs: number; nanos: bigint }[]> {
  const dayMs = Date.parse(day);
  // A day of some zone lies within a day and a half of that of UTC.
  const [firstMs, endMs] = [Math.max(fromMs, dayMs - 36 * hourMs), Math.min(toMs, dayMs + 60 * hourMs)];
  const rows = await clickhouse.query<{ at: number; nanos: string }>(
    `SELECT toUnixTimestamp(bucket) AS at, toString(sum(${prepaidOf(spendMap)})) AS nanos
     FROM spend_15m
     WHERE project_id = {project:String} AND bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')}
       AND toDate(bucket, {tz:String}) = toDate({day:String}) AND entry != 'adjustment' AND ${OVERLAY} = {overlay:String}
     GROUP BY bucket ORDER BY bucket`,
    { project: projectId, from: storeTime(firstMs), to: storeTime(endMs), tz, day, overlay },
  );
  return rows.map(({ at, nanos }) => ({ atMs: at * 1000, nanos: BigInt(nanos) }));
}

const hourMs = 3_600_000;
const storeTime = (ms: number) => isoToStore(ms).slice(0, 19);

interface PrepaidAdjustment {
  overlay: string;
  /** Months of the asked zone, `2026-10`: whose amount it is about, and in which it was booked. */
  origin_month: string;
  booked_month: string;
  /** Booked before the asked range. */
  is_before: 0 | 1;
  nanos: string;
}

/** What was booked before `toMs` for calls of closed months that amounts paid ahead cover, the first booked first. */
export function readPrepaidAdjustments(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, tz }: Asked,
): Promise<PrepaidAdjustment[]> {
  return clickhouse.query<PrepaidAdjustment>(
    `SELECT ${OVERLAY} AS overlay, formatDateTime(origin, '%Y-%m', {tz:String}) AS origin_month,
       formatDateTime(bucket, '%Y-%m', {tz:String}) AS booked_month, bucket < {from:DateTime('UTC')} AS is_before,
       toString(sum(${prepaidOf(spendMap)})) AS nanos
     FROM spend_adjustments
     WHERE project_id = {project:String} AND bucket < {to:DateTime('UTC')} AND notEmpty(${spendMap})
     GROUP BY overlay, origin_month, booked_month, is_before
     HAVING nanos != '0'
     ORDER BY overlay, origin_month, booked_month, is_before DESC`,
    { project: projectId, from: storeTime(fromMs), to: storeTime(toMs), tz },
  );
}
