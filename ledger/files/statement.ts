import { spendLines } from '#contract/spend-words.ts';
import type { Statement, StatementCentre } from '#contract/statement.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import {
  type Centre,
  type CentreRow,
  readCentre,
  readCentreAdjustments,
} from '#store/queries/export-spend-statement.ts';
import type { SpendRange } from '#store/queries/spend-days.ts';
import { oldestSpend } from '#store/queries/spend-months.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { isoInZone } from '#store/queries/zone-time.ts';
import { addMonths } from './month-bounds.ts';

export interface StatementQuestion {
  projectId: string;
  month: string;
  zone: string;
  by: StatementCentre;
  value: string;
  /** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** First instant of the month before. */
  beforeMs: number;
}

/** The numbers of a statement: `lines` and `adjustments` add up to `cost_usd` exactly, and so do `features` and `adjustments`. */
export type StatementFigures = Pick<
  Statement,
  'cost_usd' | 'calls' | 'tokens' | 'unpriced' | 'lines' | 'features' | 'adjustments' | 'previous'
>;

/** What one cost centre spent. `noteOf` tells what was said of a repricing. */
export async function statementFigures(
  clickhouse: ClickHouse,
  question: StatementQuestion,
  noteOf: (reason: string) => string,
): Promise<StatementFigures> {
  const { projectId, by, value, zone: tz, fromMs, toMs, beforeMs } = question;
  const centre: Centre = { projectId, by, value, tz };
  const months = [
    { fromMs, toMs },
    { fromMs: beforeMs, toMs: fromMs },
  ];
  const read = await readCentre(clickhouse, centre, months);
  const [rows = [], rowsBefore = []] = months.map((_, at) => read.rows.filter(({ month }) => month === at));
  const [adjustments = [], adjustmentsBefore = []] = await Promise.all(
    months.map((month, at) => (read.adjusted.has(at) ? adjustmentsOf(clickhouse, centre, month) : [])),
  );
  const all = [...rows, ...adjustments];
  const before = [...rowsBefore, ...adjustmentsBefore];
  return {
    cost_usd: usd(sum(all, 'cost')),
    calls: count(all, 'calls'),
    tokens: count(rows, 'tokens'),
    unpriced: unpricedOf(rows),
    lines: [...spendLines].reverse().map(line =>
      figuresOf(
        rows.filter(row => row.line === line),
        { line },
      ),
    ),
    features: featuresOf(rows),
    adjustments: adjustments.map(({ origin_month, reason, calls, cost }) => ({
      origin_month,
      reason,
      note: noteOf(reason),
      calls: Number(calls),
      change_usd: usd(BigInt(cost)),
    })),
    previous: before.length
      ? figuresOf(before, {
          month: addMonths(question.month, -1),
          begins_at: await beginsIn(clickhouse, question),
        })
      : null,
  };
}

const dayMs = 86_400_000;

/** When the ledger begins, where that is within the month before. */
async function beginsIn(
  clickhouse: ClickHouse,
  { projectId, beforeMs, zone }: StatementQuestion,
): Promise<string | null> {
  const oldest = await oldestSpend(clickhouse, projectId);
  return oldest !== null && oldest >= beforeMs + dayMs ? isoInZone(oldest, zone) : null;
}

async function adjustmentsOf(clickhouse: ClickHouse, centre: Centre, month: SpendRange) {
  const rows = await readCentreAdjustments(clickhouse, centre, month);
  return rows.map(({ n, ...row }) => ({ ...row, calls: n }));
}

function featuresOf(rows: readonly CentreRow[]): StatementFigures['features'] {
  const features = groupBy(rows, row => row.feature).map(([feature, of]) => ({
    ...figuresOf(of, { feature }),
    models: groupBy(of, row => `${row.model}\n${row.provider}`)
      .map(([, same]) => modelOf(same))
      .sort(dearest),
  }));
  return features.sort(dearest);
}

function modelOf(rows: readonly CentreRow[]): StatementFigures['features'][number]['models'][number] {
  const { model = '', provider = '' } = rows[0] ?? {};
  return figuresOf(rows, {
    model,
    provider,
    input_tokens: count(rows, 'input'),
    cached_tokens: count(rows, 'cached'),
    output_tokens: count(rows, 'output'),
    unpriced_calls: count(rows, 'unpriced_calls'),
  });
}

/** Only rows with unpriced calls. Estimated tokens of the same rows may widen the bounds, but not to less than nothing. */
function unpricedOf(rows: readonly CentreRow[]): StatementFigures['unpriced'] {
  const unpriced = rows.filter(row => row.unpriced_calls !== '0');
  const beyond = (bound: 'low' | 'high') => {
    const nanos = sum(unpriced, bound) - sum(unpriced, 'cost');
    return usd(nanos > 0n ? nanos : 0n);
  };
  return {
    calls: count(unpriced, 'unpriced_calls'),
    tokens: count(unpriced, 'unpriced_tokens'),
    low_usd: beyond('low'),
    high_usd: count(unpriced, 'unbounded_calls') > 0 ? null : beyond('high'),
    models: groupBy(unpriced, row => row.model).map(([model, of]) => ({
      model,
      calls: count(of, 'unpriced_calls'),
      tokens: count(of, 'unpriced_tokens'),
    })),
  };
}

const figuresOf = <More extends object>(rows: readonly { calls: string; cost: string }[], more: More) => ({
  ...more,
  calls: count(rows, 'calls'),
  cost_usd: usd(sum(rows, 'cost')),
});

const usd = (nanos: bigint) => usdFromNanos(nanos.toString()) ?? '';

function sum<Key extends string>(rows: readonly Record<Key, string>[], key: Key): bigint {
  return rows.reduce((total, row) => total + BigInt(row[key]), 0n);
}

const count = <Key extends string>(rows: readonly Record<Key, string>[], key: Key) => Number(sum(rows, key));

/** In the order in which the keys first come. */
function groupBy<Row>(rows: readonly Row[], key: (row: Row) => string): [string, Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return [...groups];
}

/** Compares exactly: money as text of one scale, of which the longer is the larger. */
function dearest(one: { cost_usd: string }, other: { cost_usd: string }): number {
  const difference = BigInt(other.cost_usd.replace('.', '')) - BigInt(one.cost_usd.replace('.', ''));
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
