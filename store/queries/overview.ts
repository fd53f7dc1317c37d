import type { Condition } from '#contract/dimension.ts';
import type { Figures } from '#contract/feature.ts';
import type { MeasureName, MeasureRow } from '#contract/measure.ts';
import { defectScores } from '#contract/score.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type MeasuresQuestion, readMeasures } from './measures.ts';
import { isoFromStore, isoToStore } from './time.ts';

export interface OverviewQuestion {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs); the period before has the same length. */
  fromMs: number;
  toMs: number;
  where: readonly Condition[];
}

export interface Overview {
  total: { now: Figures; previous: Figures | null };
  features: { feature: string; now: Figures; previous: Figures | null }[];
  /** The most frequent score of calls, used as quality; empty when nothing was scored. */
  qualityScore: string;
  environments: string[];
  /** Start of the newest call, ISO 8601. */
  dataUntil: string | null;
}

/** Totals and every feature of the range, beside the period before. Features without calls now but before are kept. */
export async function readOverview(clickhouse: ClickHouse, question: OverviewQuestion): Promise<Overview> {
  const { projectId, fromMs, toMs } = question;
  const [score, environments, dataUntil] = await Promise.all([
    qualityScore(clickhouse, question),
    environmentsOf(clickhouse, projectId),
    newestCall(clickhouse, projectId),
  ]);
  const before = { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
  const ask = (range: { fromMs: number; toMs: number }, groupBy: MeasuresQuestion['groupBy']) =>
    readMeasures(clickhouse, {
      ...question,
      ...range,
      measures: measuresOf(score),
      groupBy,
      tz: 'UTC',
      limit: 1000,
    });
  const [now, previous, total, totalBefore] = await Promise.all([
    ask(question, ['feature']),
    ask(before, ['feature']),
    ask(question, []),
    ask(before, []),
  ]);
  const earlier = new Map(previous.map(row => [row.feature, row]));
  const names = [...new Set([...now, ...previous].map(row => String(row.feature)))];
  const current = new Map(now.map(row => [row.feature, row]));
  return {
    total: { now: figures(total[0], score), previous: figuresOrNull(totalBefore[0], score) },
    features: names.map(feature => ({
      feature,
      now: figures(current.get(feature), score),
      previous: figuresOrNull(earlier.get(feature), score),
    })),
    qualityScore: score,
    environments,
    dataUntil,
  };
}

function measuresOf(score: string): MeasureName[] {
  const scored: MeasureName[] = score ? [`score:${score}`, `scored:${score}`] : [];
  return ['calls', 'failed_calls', 'latency_p95_ms', 'cost_usd', 'unpriced_calls', ...scored];
}

function figures(row: MeasureRow | undefined, score: string): Figures {
  const number = (name: string) => (typeof row?.[name] === 'number' ? (row[name] as number) : null);
  return {
    calls: number('calls') ?? 0,
    failed_calls: number('failed_calls') ?? 0,
    quality: score ? number(`score:${score}`) : null,
    scored_calls: score ? (number(`scored:${score}`) ?? 0) : 0,
    latency_p95_ms: number('latency_p95_ms'),
    cost_usd: typeof row?.cost_usd === 'string' ? row.cost_usd : null,
    unpriced_calls: number('unpriced_calls') ?? 0,
  };
}

function figuresOrNull(row: MeasureRow | undefined, score: string): Figures | null {
  return row?.calls ? figures(row, score) : null;
}

/** Feedback is sparse and on another scale, so a judged score is preferred to it. */
async function qualityScore(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: OverviewQuestion,
): Promise<string> {
  const [row] = await clickhouse.query<{ name: string }>(
    `SELECT name FROM scores FINAL
     WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} + INTERVAL 1 DAY
       AND isNotNull(value) AND target != 'session' AND name NOT IN {defects:Array(String)}
     GROUP BY name ORDER BY name = 'user_feedback', min(rater = 'rule'), count() DESC, name LIMIT 1`,
    {
      project: projectId,
      from: isoToStore(fromMs - (toMs - fromMs)),
      to: isoToStore(toMs),
      defects: defectScores,
    },
  );
  return row?.name ?? '';
}

async function environmentsOf(clickhouse: ClickHouse, projectId: string): Promise<string[]> {
  const rows = await clickhouse.query<{ environment: string }>(
    `SELECT environment FROM calls
     WHERE project_id = {project:String} AND start_time >= now() - INTERVAL 30 DAY AND environment != ''
     GROUP BY environment ORDER BY count() DESC, environment LIMIT 50`,
    { project: projectId },
    { settings: alertLimits },
  );
  return rows.map(row => row.environment);
}

/** Start of the newest call, ISO 8601; null before any. */
export async function newestCall(clickhouse: ClickHouse, projectId: string): Promise<string | null> {
  const [row] = await clickhouse.query<{ newest: string | null }>(
    `SELECT toString(maxOrNull(start_time)) AS newest FROM calls WHERE project_id = {project:String}`,
    { project: projectId },
  );
  return row?.newest ? isoFromStore(row.newest) : null;
}
