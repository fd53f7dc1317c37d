import { alertLimits, type ClickHouse } from '../engine/client.ts';

/** Whose inputs or outputs, of which kind. */
export interface ShapeSeries {
  feature: string;
  model: string;
  environment: string;
  shape: string;
}

/** Sums of one window. */
export interface ShapeSums {
  n: number;
  /** Of ln tokens; 0 for what is no size. */
  sum: number;
  sumSq: number;
  histogram: ReadonlyMap<string, number>;
  /** Sum of unit vectors; empty for what is no embedding. */
  vectorSum: readonly number[];
  /** UTC days with values. */
  days: number;
}

export interface ShapeWindows extends ShapeSeries {
  reference: ShapeSums;
  now: ShapeSums;
}

/** One hour of a series, to be stored. */
export interface ShapeRow extends ShapeSeries {
  project_id: string;
  /** Seconds since the epoch. */
  bucket: number;
  n: number;
  sum: number;
  sum_sq: number;
  histogram: Record<string, number>;
  vector_sum: number[];
  version: string;
}

export const noShapeSums: ShapeSums = {
  n: 0,
  sum: 0,
  sumSq: 0,
  histogram: new Map(),
  vectorSum: [],
  days: 0,
};

/** n, sum, sum of squares, histogram, vector, days. */
type Sums = [string, number, number, Record<string, string>, number[], string];

const sums = (when: string) =>
  `(sumIf(n, ${when}), sumIf(sum, ${when}), sumIf(sum_sq, ${when}), sumMapIf(histogram, ${when}),
    sumForEachIf(vector_sum, ${when}), uniqExactIf(toDate(bucket), ${when} AND n > 0))`;

/** Every series with values in [referenceFromMs, toMs), summed before `fromMs` and since; times are whole hours. */
export async function readShapeWindows(
  clickhouse: ClickHouse,
  window: { projectId: string; referenceFromMs: number; fromMs: number; toMs: number },
  filter: Partial<Pick<ShapeSeries, 'feature' | 'model' | 'environment'>>,
): Promise<ShapeWindows[]> {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const rows = await clickhouse.query<ShapeSeries & { reference: Sums; recent: Sums }>(
    `SELECT feature, model, environment, shape, ${sums('NOT late')} AS reference, ${sums('late')} AS recent
     FROM (SELECT *, bucket >= {from:DateTime} AS late FROM shape_stats_1h FINAL
       WHERE project_id = {project:String} AND bucket >= {begin:DateTime} AND bucket < {to:DateTime} AND n > 0
         ${given.map(([name]) => `AND ${name} = {${name}:String}`).join(' ')})
     GROUP BY feature, model, environment, shape
     ORDER BY feature, model, environment, shape`,
    {
      ...Object.fromEntries(given),
      project: window.projectId,
      begin: window.referenceFromMs / 1000,
      from: window.fromMs / 1000,
      to: window.toMs / 1000,
    },
    { settings: alertLimits },
  );
  return rows.map(({ reference, recent, ...series }) => ({
    ...series,
    reference: toSums(reference),
    now: toSums(recent),
  }));
}

function toSums([n, sum, sumSq, histogram, vectorSum, days]: Sums): ShapeSums {
  const counts = Object.entries(histogram).map(([bin, count]) => [bin, Number(count)] as const);
  return { n: Number(n), sum, sumSq, histogram: new Map(counts), vectorSum, days: Number(days) };
}

/** Which rows with values there are of some hours and shapes. */
export async function storedShapes(
  clickhouse: ClickHouse,
  { projectId, hours, shapes }: { projectId: string; hours: readonly number[]; shapes: readonly string[] },
): Promise<(ShapeSeries & { bucket: number })[]> {
  return clickhouse.query(
    `SELECT feature, model, environment, shape, toUnixTimestamp(bucket) AS bucket FROM shape_stats_1h FINAL
     WHERE project_id = {project:String} AND shape IN {shapes:Array(String)} AND n > 0
       AND toUnixTimestamp(bucket) IN {hours:Array(UInt32)}`,
    { project: projectId, shapes, hours: hours.map(ms => ms / 1000) },
    { settings: alertLimits },
  );
}
