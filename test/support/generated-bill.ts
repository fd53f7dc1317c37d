import { seeded } from './seeded.ts';

/** One call as it really was. */
export interface TrueCall {
  ms: number;
  provider: string;
  model: string;
  service: string;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
}

/** Nano-dollars per token of plain input, cache read, cache write and output. */
export const tokenPrices: Record<string, [number, number, number, number]> = {
  'claude-sonnet-4-5': [3000, 300, 3750, 15000],
  'claude-haiku-4-5': [1000, 100, 1250, 5000],
  'gpt-4o-mini': [150, 75, 0, 600],
  'gpt-5-mini': [250, 25, 0, 2000],
};

const DAY_MS = 86_400_000;

/** Calls of some weeks, busier by day, with long and short prompts and a cache that is used more by some services. */
export function trueCalls(
  seed: number,
  options: { from: string; days: number; perDay: number; models: string[]; services: string[] },
): TrueCall[] {
  const random = seeded(seed);
  const fromMs = Date.parse(options.from);
  return Array.from({ length: options.days * options.perDay }, (_, n) => {
    const day = n % options.days;
    // Twice as much in the second half of the day, and more on some days.
    const hour = Math.sqrt(random.next()) * 24;
    const service = random.pick(options.services);
    const model = random.pick(options.models);
    const prompt = Math.round(Math.exp(random.between(4, 9)) * (1 + (day % 3)));
    const share = (options.services.indexOf(service) + 1) / (options.services.length + 1);
    const cacheRead = random.next() < share ? Math.round(prompt * random.between(0.2, 0.9)) : 0;
    const cacheWrite = model.startsWith('claude') && cacheRead === 0 ? Math.round(prompt * 0.3) : 0;
    return {
      ms: fromMs + day * DAY_MS + Math.floor(hour * 3_600_000),
      provider: model.startsWith('claude') ? 'anthropic' : 'openai',
      model,
      service,
      input: prompt - cacheRead - cacheWrite,
      cacheRead,
      cacheWrite,
      output: Math.round(Math.exp(random.between(2, 7))),
    };
  });
}

/** What a ledger that sees these calls holds, as rows of `spend_15m`; `doubled` services count cached tokens as input too. */
export function ledgerRows(
  projectId: string,
  calls: readonly TrueCall[],
  doubled: readonly string[] = [],
): Record<string, unknown>[] {
  const rows = new Map<string, Record<string, number | string>>();
  for (const call of calls) {
    const bucket = Math.floor(call.ms / 900_000) * 900;
    const key = `${bucket} ${call.model} ${call.service}`;
    const row = rows.get(key) ?? {
      project_id: projectId,
      bucket,
      origin: bucket,
      entry: 'call',
      provider: call.provider,
      model: call.model,
      service: call.service,
      line: 'answer',
      price_version: 'test',
    };
    const input = call.input + (doubled.includes(call.service) ? call.cacheRead : 0);
    const units = { input, cache_read: call.cacheRead, cache_write: call.cacheWrite, output: call.output };
    add(row, 'calls', 1);
    for (const [at, [kind, count]] of Object.entries(units).entries()) {
      const nanos = count * tokenPrices[call.model]![at]!;
      add(row, `units_${kind}`, count);
      add(row, `nanos_${kind}`, nanos);
      add(row, 'cost_nanos', nanos);
    }
    rows.set(key, row);
  }
  return [...rows.values()];
}

function add(row: Record<string, number | string>, name: string, amount: number): void {
  row[name] = ((row[name] as number | undefined) ?? 0) + amount;
}

/** Calls by the day they are billed on (days begin `offsetMs` after midnight UTC) and model. */
function byDayAndModel(
  calls: readonly TrueCall[],
  offsetMs = 0,
): [day: string, model: string, calls: TrueCall[]][] {
  const groups = new Map<string, TrueCall[]>();
  for (const call of calls) {
    const key = `${new Date(call.ms - offsetMs).toISOString().slice(0, 10)} ${call.model}`;
    const known = groups.get(key);
    if (known) known.push(call);
    else groups.set(key, [call]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => [key.slice(0, 10), key.slice(11), own]);
}

const total = (calls: readonly TrueCall[], of: (call: TrueCall) => number) =>
  calls.reduce((sum, call) => sum + of(call), 0);

/** The usage export of the provider's console, as it is written. */
export function anthropicUsageCsv(calls: readonly TrueCall[], offsetMs = 0): string {
  const header =
    'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed';
  const lines = byDayAndModel(calls, offsetMs).map(([day, model, own]) =>
    [
      day,
      `${model}-20250929`,
      'key, main',
      'Default',
      'standard',
      '≤ 200k',
      total(own, call => call.input),
      total(own, call => call.cacheWrite),
      0,
      total(own, call => call.cacheRead),
      total(own, call => call.output),
      0,
      'not_available',
      '',
    ]
      .map(value => (String(value).includes(',') ? `"${value}"` : value))
      .join(','),
  );
  return [header, ...lines, ''].join('\r\n');
}

/** The cost export; `multiple` is a discount, `places` how finely amounts are written. */
export function anthropicCostCsv(calls: readonly TrueCall[], { multiple = 1, places = 9 } = {}): string {
  const header =
    'usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status';
  const types = ['input_no_cache', 'input_cache_read', 'input_cache_write_5m', 'output'];
  const of = (call: TrueCall) => [call.input, call.cacheRead, call.cacheWrite, call.output];
  const lines = byDayAndModel(calls).flatMap(([day, model, own]) =>
    types.map((type, at) => {
      const nanos = total(own, call => of(call)[at]! * tokenPrices[model]![at]!);
      const title = model.replace(
        /^claude-(\w)(\w+)-(\d)-(\d)$/,
        (_, first, rest, major, minor) => `Claude ${first.toUpperCase()}${rest} ${major}.${minor}`,
      );
      return `${day},${title},Default,key,message,≤ 200k,${type},${((nanos * multiple) / 1e9).toFixed(places)},,token,global,,apikey_1,active`;
    }),
  );
  return [header, ...lines].join('\n');
}

/** Pages of the usage endpoint for completions, one bucket a day. */
export function openAiUsageJson(calls: readonly TrueCall[]): string {
  const days = new Map<string, unknown[]>();
  for (const [day, model, own] of byDayAndModel(calls)) {
    const results = days.get(day) ?? [];
    results.push({
      object: 'organization.usage.completions.result',
      input_tokens: total(own, call => call.input + call.cacheRead),
      output_tokens: total(own, call => call.output),
      input_cached_tokens: total(own, call => call.cacheRead),
      input_audio_tokens: 0,
      output_audio_tokens: 0,
      num_model_requests: own.length,
      project_id: null,
      model: `${model}-2025-08-07`,
      batch: null,
    });
    days.set(day, results);
  }
  const data = [...days].map(([day, results]) => ({
    object: 'bucket',
    start_time: Date.parse(day) / 1000,
    end_time: Date.parse(day) / 1000 + 86_400,
    results,
  }));
  return JSON.stringify({ object: 'page', data, has_more: false, next_page: null });
}

/** Exactly this share of the calls, chosen at random, and the others. */
export function withoutShare(
  calls: readonly TrueCall[],
  share: number,
  seed: number,
): { seen: TrueCall[]; missing: TrueCall[] } {
  const random = seeded(seed);
  const order = calls.map(call => ({ call, at: random.next() })).sort((a, b) => a.at - b.at);
  const cut = Math.round(calls.length * share);
  return {
    missing: order.slice(0, cut).map(({ call }) => call),
    seen: order.slice(cut).map(({ call }) => call),
  };
}
