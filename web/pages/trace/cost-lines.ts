import type { Call } from '#contract/trace.ts';

export interface CostLine {
  kind: string;
  label: string;
  /** Tokens of this kind, null when they were not reported apart. */
  tokens: number | null;
  usd: string;
  /** US dollars per million tokens that the amount amounts to, null without tokens. */
  perMillionUsd: number | null;
}

const LABELS: Record<string, string> = {
  input: 'Input, not cached',
  cache_read: 'Input from cache',
  cache_write: 'Input written to cache',
  cache_write_1h: 'Input written to cache for 1 h',
  output: 'Output',
  output_reasoning: 'Reasoning',
  input_audio: 'Audio input',
  output_audio: 'Audio output',
  cache_read_audio: 'Audio from cache',
  input_image: 'Image input',
  output_image: 'Image output',
  input_batch: 'Input, batch price',
  output_batch: 'Output, batch price',
};
const ORDER = Object.keys(LABELS);

/** The cost of a call by kind of token, with what each million cost. */
export function costLines(call: Call): CostLine[] {
  const kinds = Object.keys(call.cost_by_kind).sort((a, b) => rank(a) - rank(b));
  const tokens = tokensByKind(call, new Set(kinds));
  return kinds.map(kind => {
    const usd = call.cost_by_kind[kind] as string;
    const count = tokens[kind] ?? null;
    return {
      kind,
      label: LABELS[kind] ?? kind.replaceAll('_', ' '),
      tokens: count,
      usd,
      perMillionUsd: count ? (Number(usd) / count) * 1e6 : null,
    };
  });
}

const rank = (kind: string) => (ORDER.indexOf(kind) + ORDER.length + 1) % (ORDER.length + 1);

/** Input includes what came from and went to the cache, output includes reasoning; a kind priced apart is taken out. */
function tokensByKind(call: Call, kinds: ReadonlySet<string>): Record<string, number | null> {
  const apart = [...kinds].some(kind => kind.includes('audio') || kind.includes('image'));
  const input = call.input_tokens ?? call.embedding_tokens;
  const cached = (call.cache_read_tokens ?? 0) + (call.cache_write_tokens ?? 0);
  const uncached = input === null || apart ? null : Math.max(0, input - cached);
  const reasoning = kinds.has('output_reasoning') ? (call.reasoning_tokens ?? 0) : 0;
  const output = call.output_tokens === null || apart ? null : Math.max(0, call.output_tokens - reasoning);
  const writes = kinds.has('cache_write') && kinds.has('cache_write_1h') ? null : call.cache_write_tokens;
  return {
    input: uncached,
    input_batch: uncached,
    cache_read: kinds.has('cache_read_audio') ? null : call.cache_read_tokens,
    cache_write: writes,
    cache_write_1h: writes,
    output,
    output_batch: output,
    output_reasoning: call.reasoning_tokens,
  };
}
