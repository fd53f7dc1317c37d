import type { SpendRow } from '#contract/spend.ts';
import type { Spend } from '../../data/spend.ts';
import { minusUsd, sumUsd } from '../../money.ts';

/** Units of one group by what is paid for. */
export type Units = ReadonlyMap<string, number>;

/** One row of the table: a group now, and what is known of it beside its cost. */
export interface TableRow {
  key: string;
  now: SpendRow;
  /** The same group in the month before; null when it was not there. */
  before: SpendRow | null;
  units: Units | null;
}

const INPUT = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'embedding',
  'input_audio',
  'cache_read_audio',
  'input_image',
];
const OUTPUT = ['output', 'reasoning', 'output_audio', 'output_image'];
const CACHED = ['cache_read', 'cache_read_audio'];

const sum = (units: Units, kinds: readonly string[]) =>
  kinds.reduce((total, kind) => total + (units.get(kind) ?? 0), 0);

export const inputTokens = (units: Units) => sum(units, INPUT);
export const outputTokens = (units: Units) => sum(units, OUTPUT);

/** Share of the input that came from a cache; null without input. */
export function cachedShare(units: Units): number | null {
  const input = inputTokens(units);
  return input === 0 ? null : sum(units, CACHED) / input;
}

/** Cost of a thousand requests; null without a request. */
export const perThousand = (usd: string, calls: number | null | undefined) =>
  calls ? (Number(usd) / calls) * 1000 : null;

/** Units by group, from an answer grouped by it and by kind. */
export function unitsByGroup(
  rows: readonly SpendRow[],
  group: keyof SpendRow,
): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const row of rows) {
    const key = String(row[group] ?? '');
    const units = found.get(key) ?? new Map<string, number>();
    units.set(row.kind ?? '', (units.get(row.kind ?? '') ?? 0) + (row.units ?? 0));
    found.set(key, units);
  }
  return found;
}

export function tableRows(
  now: Spend,
  before: Spend | undefined,
  kinds: Spend | undefined,
  group: keyof SpendRow,
): TableRow[] {
  const old = new Map(before?.rows.map(row => [String(row[group] ?? ''), row]));
  const units = kinds ? unitsByGroup(kinds.rows, group) : null;
  return now.rows.map(row => {
    const key = String(row[group] ?? '');
    return { key, now: row, before: old.get(key) ?? null, units: units?.get(key) ?? null };
  });
}

/** What the rows leave over of the total: the groups that were cut off. Nothing, when they are all there. */
export function restOf(spend: Spend): string | null {
  const rest = minusUsd(spend.totals.cost_usd, sumUsd(spend.rows.map(row => row.cost_usd)));
  return spend.meta.truncated ? rest : null;
}
