import type { Condition, Dimension } from '#contract/dimension.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { answered } from './calls-to-score.ts';
import { columnsOf, judgedCalls } from './judged-calls.ts';
import { isoToStore } from './time.ts';
import { dimensionColumn, whereSql } from './where.ts';

export interface SpreadQuestion {
  projectId: string;
  /** Name of the score. */
  score: string;
  groupBy: readonly Dimension[];
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly Condition[];
  bins: number;
  limit: number;
}

export interface StoredSpread {
  key: Record<string, string>;
  /** By bin, of scores each counted once. */
  counts: number[];
  /** By bin, of the inverse chances that are known. */
  weights: number[];
  /** Scores whose chance is known. */
  known: number;
  calls: number;
  unscored: number;
}

const limits = { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const };
/** Those `answered` reads. */
const answeredColumns = ['failed', 'purpose', 'operation'];

/**
 * The spread of a score by group, the groups with most calls first; `limit + 1` groups mean there are more. `edges` are the bounds of
 * the bins; empty without a score.
 */
export async function readScoreSpread(
  clickhouse: ClickHouse,
  question: SpreadQuestion,
): Promise<{ edges: number[]; groups: StoredSpread[] }> {
  const { projectId, score, groupBy, fromMs, toMs, bins, limit } = question;
  const where = whereSql(question.where);
  const judged = `SELECT * FROM (${judgedCalls([
    ...['trace_id', 'span_id', ...answeredColumns],
    ...columnsOf(groupBy, question.where),
  ])}) WHERE 1 ${where.sql}`;
  const params = {
    ...where.params,
    ...{ project: projectId, score, from: isoToStore(fromMs), to: isoToStore(toMs), limit: limit + 1 },
  };
  const keys = groupBy.map((dimension, at) => `${dimensionColumn(dimension)} AS k${at}, `).join('');
  const names = groupBy.map((_, at) => `k${at}`);
  const by = names.length > 0 ? `GROUP BY ${names.join(', ')}` : '';
  const [[extremes], all] = await Promise.all([
    clickhouse.query<{ low: number; high: number; n: string }>(
      `SELECT min(value) AS low, max(value) AS high, count() AS n FROM (${judged})`,
      params,
      { settings: limits },
    ),
    clickhouse.query<Record<string, string>>(
      `SELECT ${keys} count() AS calls FROM calls FINAL
       WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
         AND ${answered} ${where.sql}
       ${by} ORDER BY calls DESC ${names.map(name => `, ${name}`).join('')} LIMIT {limit:UInt32}`,
      params,
      { settings: limits },
    ),
  ]);
  const edges = Number(extremes?.n ?? 0) > 0 ? edgesOf(extremes!, bins) : [];
  const scored = edges.length > 0 ? await readBins() : [];

  /** A bin each, and of its calls those an answer was expected of. */
  async function readBins(): Promise<Record<string, string | number>[]> {
    const group = [...names, 'bin'].join(', ');
    const place = 'least({bins:UInt32} - 1., floor((value - {low:Float64}) / {width:Float64} + 1e-9))';
    return clickhouse.query(
      `SELECT *, sum(asked_here) OVER (${names.length > 0 ? `PARTITION BY ${names.join(', ')}` : ''}) AS asked
       FROM
       (
         SELECT ${names.map(name => `${name}, `).join('')} bin, count() AS n, countIf(chance > 0) AS known,
           sumIf(1 / chance, chance > 0) AS weight, countIf(first) AS asked_here
         FROM
         (
           SELECT ${keys} toUInt32(${place}) AS bin, ifNull(probability, 0) AS chance,
             (${answered} AND row_number() OVER (PARTITION BY trace_id, span_id ORDER BY value) = 1) AS first
           FROM (${judged})
         )
         GROUP BY ${group}
       )`,
      { ...params, bins, low: edges[0], width: edges[1]! - edges[0]! },
      { settings: limits },
    );
  }

  const placeOf = (row: Record<string, string | number>) => JSON.stringify(names.map(name => row[name]));
  const found = new Map<string, Record<string, string | number>[]>();
  for (const row of scored) found.set(placeOf(row), [...(found.get(placeOf(row)) ?? []), row]);
  const counted = new Map(all.map(row => [placeOf(row), row]));
  // Scores of calls that were not expected to have any, e.g. of failed ones, come last.
  const places = new Map([...counted, ...[...found].filter(([key]) => !counted.has(key)).map(firstOf)]);
  const groups = [...places].slice(0, limit + 1).map(([key, row]): StoredSpread => {
    const rows = found.get(key) ?? [];
    const list = (column: string) => {
      const values = new Array<number>(edges.length > 0 ? bins : 0).fill(0);
      for (const one of rows) values[Number(one.bin)] = Number(one[column]);
      return values;
    };
    const calls = Number(counted.get(key)?.calls ?? 0);
    return {
      key: Object.fromEntries(groupBy.map((dimension, at) => [dimension, String(row[`k${at}`] ?? '')])),
      counts: list('n'),
      weights: list('weight'),
      known: rows.reduce((sum, one) => sum + Number(one.known), 0),
      calls,
      unscored: Math.max(0, calls - Number(rows[0]?.asked ?? 0)),
    };
  });
  return { edges, groups };
}

const firstOf = <Row>([key, [first]]: [string, Row[]]): [string, Row] => [key, first!];

/** 0 to 1 for scores that lie between; others from the lowest to the highest, which are one apart at least when they are the same. */
function edgesOf({ low, high }: { low: number; high: number }, bins: number): number[] {
  const isShare = low >= 0 && high <= 1;
  const [from, to] = isShare ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
  return Array.from({ length: bins + 1 }, (_, at) => from + ((to - from) * at) / bins);
}
