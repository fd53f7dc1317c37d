import type { ReconcileFormat, ReconcileKind } from '#contract/reconcile.ts';
import { BadLine, countOf, nanosOf, type ProviderLine, timeOf } from '../provider-line.ts';

/*
 * Usage and cost of Anthropic.
 * JSON: https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report and …/get-cost-report (buckets with
 * `results`; amounts are cents as decimal text). CSV: the exports of the Console's Usage and Cost pages, days in UTC.
 * Input tokens do not include what was read from or written to the cache. None of them counts requests.
 */

export const anthropicNames = ['anthropic'];

type Fields = Record<string, string | undefined>;

export function anthropicCsvFormat(columns: readonly string[]): ReconcileFormat | null {
  if (!columns.includes('usage_date_utc')) return null;
  if (columns.includes('cost_usd')) return 'anthropic_cost_csv';
  return columns.includes('usage_input_tokens_no_cache') ? 'anthropic_usage_csv' : null;
}

const usageColumns: Record<string, ReconcileKind> = {
  usage_input_tokens_no_cache: 'input',
  usage_input_tokens_cache_write_5m: 'cache_write',
  // Before there were two lifetimes there was one.
  usage_input_tokens_cache_write: 'cache_write',
  usage_input_tokens_cache_write_1h: 'cache_write_1h',
  usage_input_tokens_cache_read: 'cache_read',
  usage_output_tokens: 'output',
  web_search_count: 'search',
  uncached_input_tokens: 'input',
  'cache_creation.ephemeral_5m_input_tokens': 'cache_write',
  'cache_creation.ephemeral_1h_input_tokens': 'cache_write_1h',
  cache_read_input_tokens: 'cache_read',
  output_tokens: 'output',
  'server_tool_use.web_search_requests': 'search',
};

/** What one row or result of usage says. */
export function anthropicUsage(fields: Fields, bucket?: { startMs: number; endMs: number }): ProviderLine[] {
  const base = {
    ...timesOf(fields, bucket),
    model: fields.model_version ?? fields.model ?? '',
    nanos: null,
    calls: null,
  };
  return Object.entries(usageColumns).flatMap(([name, kind]) => {
    const units = countOf(fields[name], name);
    // Web searches are billed by the piece and belong to no model's tokens: none is no line.
    return units === null || (units === 0 && kind === 'search') ? [] : [{ ...base, kind, units }];
  });
}

const tokenTypes: Record<string, ReconcileKind> = {
  input_no_cache: 'input',
  uncached_input_tokens: 'input',
  input_cache_read: 'cache_read',
  cache_read_input_tokens: 'cache_read',
  input_cache_write_5m: 'cache_write',
  'cache_creation.ephemeral_5m_input_tokens': 'cache_write',
  input_cache_write_1h: 'cache_write_1h',
  'cache_creation.ephemeral_1h_input_tokens': 'cache_write_1h',
  output: 'output',
  output_tokens: 'output',
};

/** What one row or result of cost says. */
export function anthropicCost(fields: Fields, bucket?: { startMs: number; endMs: number }): ProviderLine[] {
  const isCents = fields.cost_usd === undefined;
  const amount = (isCents ? fields.amount : fields.cost_usd) ?? '';
  if (amount.trim() === '') throw new BadLine(isCents ? 'amount is missing' : 'cost_usd is empty');
  const kind = tokenTypes[fields.token_type ?? ''];
  const isSearch = /search/i.test(`${fields.cost_type ?? ''} ${fields.description ?? ''}`);
  return [
    {
      ...timesOf(fields, bucket),
      model: fields.model ?? '',
      kind: kind ?? (isSearch ? 'search' : 'other'),
      units: null,
      nanos: nanosOf(amount, isCents ? 'amount' : 'cost_usd', isCents ? -2 : 0),
      calls: null,
    },
  ];
}

function timesOf(
  fields: Fields,
  bucket?: { startMs: number; endMs: number },
): { startMs: number; endMs: number | null } {
  return bucket ?? { startMs: timeOf(fields.usage_date_utc ?? '', 'usage_date_utc'), endMs: null };
}
