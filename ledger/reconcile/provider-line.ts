import type { ReconcileFormat, ReconcileKind } from '#contract/reconcile.ts';

/** What a provider says of one time, model and kind. Money is in billionths of the file's currency. */
export interface ProviderLine {
  /** Unix milliseconds. */
  startMs: number;
  /** Exclusive; null: one day. */
  endMs: number | null;
  /** As written in the file; empty: all models, or not about one. */
  model: string;
  /** `charge`: tax, credits and the like, which no call causes. */
  kind: ReconcileKind | 'charge';
  /** Tokens or pieces; null: not said. */
  units: number | null;
  nanos: bigint | null;
  /** Requests; on one line of those that belong together. Null: not said. */
  calls: number | null;
}

export interface ProviderFile {
  format: ReconcileFormat;
  /** Names of the provider as calls carry them; empty: any, models decide. */
  providers: string[];
  /** ISO 4217; empty when the file has no money. */
  currency: string;
  lines: ProviderLine[];
  refused: { line: number; why: string }[];
  /** What the file says, in records. */
  read: number;
  /** Smallest step of its amounts in billionths; 0: finer. */
  stepNanos: bigint;
  notes: string[];
}

/** A line that cannot be read, with the reason for a person. */
export class BadLine extends Error {}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Decimal text times 10^(9 + shift), rounded half away from zero; `shift` -2 reads cents. Throws BadLine. */
export function nanosOf(text: string, name: string, shift = 0): bigint {
  const match = DECIMAL.exec(text.trim());
  if (!match || `${match[2]}${match[3] ?? ''}` === '')
    throw new BadLine(`${name}: "${text}" is not a number`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const places = 9 + shift + Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  const value = places >= 0 ? digits * 10n ** BigInt(places) : roundedDown(digits, 10n ** BigInt(-places));
  return sign === '-' ? -value : value;
}

function roundedDown(digits: bigint, by: bigint): bigint {
  return (digits + by / 2n) / by;
}

/** A count as OpenAI writes it too (`59200.0`); empty is null. Throws BadLine. */
export function countOf(text: string | undefined, name: string): number | null {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new BadLine(`${name}: "${text}" is not a count`);
  return value;
}

/** Seconds since the epoch, an ISO 8601 time or a day, as Unix milliseconds. Throws BadLine. */
export function timeOf(text: string, name: string): number {
  const trimmed = text.trim();
  const zoned = /^\d{4}-\d\d-\d\d[ T][\d:.]+$/.test(trimmed) ? `${trimmed.replace(' ', 'T')}Z` : trimmed;
  const ms = /^\d{9,11}(\.0)?$/.test(trimmed) ? Number(trimmed) * 1000 : Date.parse(zoned);
  if (!Number.isFinite(ms)) throw new BadLine(`${name}: "${text}" is not a time`);
  return ms;
}

/** Smallest step of written amounts, in billionths: `12.30` steps by 10^7. More than six places count as exact. */
export function stepOf(texts: readonly string[]): bigint {
  const places = Math.max(0, ...texts.map(text => (/\.(\d+)/.exec(text)?.[1] ?? '').length));
  return places > 6 ? 0n : 10n ** BigInt(9 - places);
}
