import { spendKinds } from '../../contract/spend-words.ts';
import type { ClickHouse } from '../../store/engine/client.ts';

const kindColumns = spendKinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`] as const);
type KindColumn = `units_${(typeof spendKinds)[number]}` | `nanos_${(typeof spendKinds)[number]}`;

/** One row of `spend_15m`; name only what the test is about. `cost_nanos` is the sum of its kinds. */
export type SpendRowGiven = Partial<Record<KindColumn, number | string>> & {
  /** ISO 8601. */
  at: string;
  /** For an adjustment, ISO 8601. */
  origin?: string;
  entry?: 'call' | 'repricing' | 'adjustment';
  reason?: string;
  project_id?: string;
  feature?: string;
  tenant?: string;
  team?: string;
  environment?: string;
  provider?: string;
  model?: string;
  prompt_name?: string;
  prompt_version?: string;
  line?: string;
  service_tier?: string;
  price_version?: string;
  calls?: number;
  attempts?: number;
  failed_attempts?: number;
  unpriced_calls?: number;
  unbounded_calls?: number;
  unpriced_tokens?: number;
  low_nanos?: string;
  high_nanos?: string;
  estimated_calls?: number;
  estimated_tokens?: number;
  /** By `discount.<kind>` and so on. */
  reductions?: Record<string, number | string>;
};

export function spendRow({ at, origin = at, ...given }: SpendRowGiven): Record<string, unknown> {
  const cost = spendKinds.reduce((sum, kind) => sum + BigInt(given[`nanos_${kind}`] ?? 0), 0n).toString();
  return {
    project_id: 'default',
    bucket: storeTime(at),
    origin: storeTime(origin),
    entry: 'call',
    reason: '',
    feature: 'support',
    tenant: '',
    team: '',
    environment: 'production',
    service: 'app',
    provider: 'openai',
    model: 'gpt-4o-mini',
    prompt_name: '',
    prompt_version: '',
    variant: '',
    line: 'answer',
    service_tier: '',
    price_version: 'test',
    calls: 1,
    attempts: 1,
    failed_attempts: 0,
    unpriced_calls: 0,
    unbounded_calls: 0,
    tokens: spendKinds
      .filter(kind => !['image', 'search', 'rerank'].includes(kind))
      .reduce((sum, kind) => sum + Number(given[`units_${kind}`] ?? 0), 0),
    unpriced_tokens: 0,
    cost_nanos: cost,
    low_nanos: cost,
    high_nanos: cost,
    uncached_nanos: cost,
    client_nanos: 0,
    client_ours_nanos: 0,
    ...Object.fromEntries(kindColumns.map(column => [column, 0])),
    ...given,
  };
}

/** Writes rows into the roll-up itself, as if the calls behind them had been rolled up. */
export function storeSpend(clickhouse: ClickHouse, rows: readonly SpendRowGiven[]): Promise<void> {
  return clickhouse.insert('spend_15m', rows.map(spendRow));
}

const storeTime = (iso: string) => new Date(iso).toISOString().slice(0, 19).replace('T', ' ');
