import type { ReconcileKind } from '#contract/reconcile.ts';
import { BadLine, countOf, nanosOf, type ProviderLine, timeOf } from '../provider-line.ts';

/*
 * FOCUS 1.0 to 1.2 as CSV: https://focus.finops.org/focus-specification/v1-2/. BilledCost is what the invoice says. The specification
 * has no column for a model or a token kind yet: they are looked for where providers and this ledger's own export put them.
 */

type Fields = Record<string, string | undefined>;

export function isFocus(columns: readonly string[]): boolean {
  return ['BilledCost', 'ChargePeriodStart', 'BillingCurrency'].every(name => columns.includes(name));
}

/** What one row says. */
export function focusLine(fields: Fields): ProviderLine[] {
  const details = { ...jsonOf(fields.SkuPriceDetails), ...jsonOf(fields.Tags), ...fields };
  const cost = fields.BilledCost ?? '';
  if (cost === '') throw new BadLine('BilledCost is empty');
  const base = {
    startMs: timeOf(fields.ChargePeriodStart ?? '', 'ChargePeriodStart'),
    endMs: fields.ChargePeriodEnd ? timeOf(fields.ChargePeriodEnd, 'ChargePeriodEnd') : null,
    nanos: nanosOf(cost, 'BilledCost'),
  };
  if (!/^(usage)?$/i.test(fields.ChargeCategory ?? '')) {
    return [{ ...base, model: '', kind: 'charge', units: null, calls: null }];
  }
  const words = [fields.SkuMeter, fields.ChargeDescription, fields.SkuId].filter(Boolean).join(' ');
  const kind = kindOf(String(detailOf(details, /^(x_)?(token_?kind|token_?type|kind)$/i) ?? words));
  const model = String(
    detailOf(details, /^(x_)?(gen_ai\.)?(response\.|request\.)?model(_?(name|id|version))?$/i) ??
      modelIn(words) ??
      fields.ResourceName ??
      '',
  );
  return [{ ...base, model, kind, ...quantity(fields, kind) }];
}

function quantity(fields: Fields, kind: ReconcileKind): { units: number | null; calls: number | null } {
  const unit = fields.ConsumedUnit ?? '';
  const amount = countOf(fields.ConsumedQuantity, 'ConsumedQuantity');
  if (amount === null) return { units: null, calls: null };
  if (/request|call/i.test(unit) && kind === 'other') return { units: null, calls: amount };
  if (!/token|image|search|request|unit/i.test(unit)) return { units: null, calls: null };
  return { units: Math.round(amount * scaleOf(unit)), calls: null };
}

/** `1M Tokens`, `1000 Tokens`, `Tokens (thousands)`. */
function scaleOf(unit: string): number {
  const number = Number(/\d[\d,]*/.exec(unit)?.[0].replaceAll(',', '') ?? 1);
  const thousands = /\d\s*k\b|thousand/i.test(unit) ? 1e3 : /\d\s*m\b|million/i.test(unit) ? 1e6 : 1;
  return number * thousands;
}

/** What is paid for, from words like `Claude Sonnet 4.5 cache read tokens` or `gpt-4o, cached input`. */
export function kindOf(words: string): ReconcileKind {
  const text = words.toLowerCase().replaceAll(/[_.-]/g, ' ');
  const isWrite = /cache\w* ?(write|creation)|write cache|ephemeral/.test(text);
  if (isWrite) return /1 ?h|hour/.test(text) ? 'cache_write_1h' : 'cache_write';
  if (/cache/.test(text)) return /audio/.test(text) ? 'cache_read_audio' : 'cache_read';
  const side = /output|completion|reasoning|generat/.test(text)
    ? 'output'
    : /input|prompt/.test(text)
      ? 'input'
      : '';
  if (side !== '' && /audio/.test(text)) return side === 'output' ? 'output_audio' : 'input_audio';
  if (side !== '' && /image|vision/.test(text)) return side === 'output' ? 'output_image' : 'input_image';
  if (side !== '') return side;
  if (/embed/.test(text)) return 'input';
  if (/rerank/.test(text)) return 'rerank';
  if (/search/.test(text)) return 'search';
  return /image/.test(text) ? 'image' : 'other';
}

/** A model's name within a description. */
function modelIn(words: string): string | undefined {
  return /\b(claude[ -][\w. -]*?\d[\w.-]*|gpt-[\w.-]+|o\d[\w.-]*|text-embedding-[\w.-]+|gemini-[\w.-]+|mistral-[\w.-]+|command-[\w.-]+)/i.exec(
    words,
  )?.[1];
}

function detailOf(details: Record<string, unknown>, name: RegExp): unknown {
  return Object.entries(details).find(
    ([key, value]) => name.test(key) && value !== undefined && value !== '',
  )?.[1];
}

function jsonOf(text: string | undefined): Record<string, unknown> {
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    // A column of the provider's own making; its row is good without it.
    return {};
  }
}
