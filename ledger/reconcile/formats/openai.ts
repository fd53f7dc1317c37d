import type { ReconcileFormat, ReconcileKind } from '#contract/reconcile.ts';
import { BadLine, countOf, nanosOf, type ProviderLine, timeOf } from '../provider-line.ts';

/*
 * Usage and costs of OpenAI.
 * JSON: https://platform.openai.com/docs/api-reference/usage (pages of buckets with `results`, times in Unix seconds; grouped by
 * model, or all models are one). CSV: the export of https://platform.openai.com/usage, the same names as columns, one row per
 * bucket and group, and buckets without usage as rows without values.
 */

export const openAiNames = ['openai'];

/** A result of a bucket, values as text; nested ones by path (`amount.value`). */
type Fields = Record<string, string | undefined>;

export function openAiCsvFormat(columns: readonly string[]): ReconcileFormat | null {
  const has = (name: string) => columns.includes(name);
  if (!has('start_time') && !has('start_time_iso')) return null;
  if (has('amount_value')) return 'openai_costs_csv';
  return has('num_model_requests') && has('input_tokens') ? 'openai_usage_csv' : null;
}

/** What one row or result of usage says; nothing for an empty bucket. */
export function openAiUsage(fields: Fields, endMs?: number): ProviderLine[] {
  const requests = countOf(fields.num_model_requests, 'num_model_requests');
  const total = countOf(fields.input_tokens, 'input_tokens');
  const images = countOf(fields.images, 'images');
  if (requests === null && total === null && images === null) return [];
  const base = {
    startMs: timeOf(fields.start_time ?? fields.start_time_iso ?? '', 'start_time'),
    endMs: endMs ?? endOf(fields),
    model: fields.model ?? '',
    nanos: null,
  };
  const units = images === null ? tokens(fields, total ?? 0) : { image: images };
  return Object.entries(units).map(([kind, count], at) => ({
    ...base,
    kind: kind as ReconcileKind,
    units: count,
    calls: at === 0 ? requests : null,
  }));
}

// `input_tokens` counts cached tokens too, and in files that name `input_text_tokens` audio, images and cache writes as well.
function tokens(fields: Fields, total: number): Partial<Record<ReconcileKind, number>> {
  const n = (name: string) => countOf(fields[name], name) ?? 0;
  const [cached, written] = [n('input_cached_tokens'), n('input_cache_write_tokens')];
  const cachedAudio = n('input_cached_audio_tokens');
  const isWhole = fields.input_text_tokens !== undefined;
  const [audio, image] = [n('input_audio_tokens'), n('input_image_tokens')];
  const input = total - cached - written - (isWhole ? audio + image : 0);
  if (input < 0) throw new BadLine(`input_tokens: ${total} is less than its parts`);
  const [audioOut, imageOut] = [n('output_audio_tokens'), n('output_image_tokens')];
  const output = n('output_tokens') - (isWhole ? audioOut + imageOut : 0);
  if (output < 0) throw new BadLine(`output_tokens: ${n('output_tokens')} is less than its parts`);
  return {
    input,
    cache_read: cached - cachedAudio,
    output,
    ...(written > 0 && { cache_write: written }),
    ...(audio > 0 && { input_audio: audio }),
    ...(cachedAudio > 0 && { cache_read_audio: cachedAudio }),
    ...(audioOut > 0 && { output_audio: audioOut }),
    ...(image > 0 && { input_image: image }),
    ...(imageOut > 0 && { output_image: imageOut }),
  };
}

/** What one row or result of costs says; `line_item` names model and kind when the costs are grouped by it. */
export function openAiCosts(fields: Fields, endMs?: number): ProviderLine[] {
  const amount = fields.amount_value ?? fields['amount.value'] ?? '';
  if (amount.trim() === '') return [];
  return [
    {
      startMs: timeOf(fields.start_time ?? fields.start_time_iso ?? '', 'start_time'),
      endMs: endMs ?? endOf(fields),
      ...lineItem(fields.line_item ?? ''),
      units: null,
      nanos: nanosOf(amount, 'amount'),
      calls: null,
    },
  ];
}

/**
 * `gpt-4o-2024-08-06, cached input`, `gpt-audio-mini audio, output`, `priority | gpt-5.6, output, long context`; anything
 * else (`web search tool calls`) is of no model.
 */
export function lineItem(text: string): { model: string; kind: ReconcileKind } {
  const [head = '', ...rest] = text
    .replace(/^[^|]*\|/, '')
    .trim()
    .split(/,\s*/);
  const what = rest.join(' ').toLowerCase();
  const [model = '', modality = 'text'] = head.split(' ');
  if (what === '') return { model: '', kind: /search/i.test(text) ? 'search' : 'other' };
  const side = /output/.test(what)
    ? 'output'
    : /cache[ -]?writ/.test(what)
      ? 'write'
      : /cached/.test(what)
        ? 'cached'
        : /input/.test(what)
          ? 'input'
          : '';
  const kinds: Record<string, Record<string, ReconcileKind>> = {
    text: { input: 'input', cached: 'cache_read', write: 'cache_write', output: 'output' },
    audio: { input: 'input_audio', cached: 'cache_read_audio', write: 'cache_write', output: 'output_audio' },
    image: { input: 'input_image', cached: 'cache_read', write: 'cache_write', output: 'output_image' },
  };
  return { model, kind: kinds[modality]?.[side] ?? 'other' };
}

function endOf(fields: Fields): number | null {
  const end = fields.end_time ?? fields.end_time_iso;
  return end ? timeOf(end, 'end_time') : null;
}
