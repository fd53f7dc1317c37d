import type { Dimension } from '#contract/dimension.ts';
import { dimensions, writeFilters } from '../../state/filters.ts';
import { isInstant } from '../../state/range.ts';
import { type WindowChoice, windowChoices } from './windows.ts';

export type CompareBy = Dimension | `attribute:${string}`;

export const isAttribute = (by: CompareBy): by is `attribute:${string}` => by.startsWith('attribute:');

/** One side as the API takes it. */
export const armOf = (by: CompareBy, value: string): string =>
  isAttribute(by) ? `${by}=${value}`.replaceAll(/[\\,]/g, '\\$&') : writeFilters([{ dimension: by, value }]);

/** What is compared, beside the view; what is left out has its default. */
export interface CompareSearch {
  /** Dimension the two are values of, or `attribute:<key>` of their spans; default: variant. */
  d?: CompareBy;
  /** Value of the control. */
  a?: string;
  /** Value of the candidate. */
  b?: string;
  score?: string;
  /** Margins: score points (of 100), further share of slow calls, of cost and of failed calls, all in percent. */
  mq?: number;
  ml?: number;
  mc?: number;
  me?: number;
  /** Percent of users meant to get the candidate. */
  share?: number;
  /** Two windows of time instead of two versions: which one the shown time is compared with, and its own times. */
  w?: WindowChoice;
  wf?: string;
  wt?: string;
}

/** Percent each, as the contract presets them. */
export const presetMargins = { mq: 2, ml: 5, mc: 10, me: 1 } as const;

/** What is usually compared comes first. */
export const armDimensions: Dimension[] = [
  'variant',
  'prompt',
  'model',
  'release',
  ...dimensions.filter(name => !['variant', 'prompt', 'model', 'release', 'user', 'session'].includes(name)),
];

function byOf(value: unknown): CompareBy | undefined {
  if (typeof value === 'string' && /^attribute:[^=]{0,256}$/.test(value)) return value as CompareBy;
  return armDimensions.find(one => one === value);
}

const word = (value: unknown, longest = 1000) =>
  typeof value === 'string' && value !== ''
    ? value.slice(0, longest)
    : typeof value === 'number'
      ? String(value)
      : undefined;

function percent(value: unknown, above: number, most: number): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && number > above && number <= most ? number : undefined;
}

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readArmsSearch(search: Record<string, unknown>): CompareSearch {
  const found: CompareSearch = {};
  const d = byOf(search.d);
  if (d && d !== 'variant') found.d = d;
  const [a, b, score] = [word(search.a), word(search.b), word(search.score, 128)];
  // An attribute without a name has no values.
  if (a && d !== 'attribute:') found.a = a;
  if (b && d !== 'attribute:') found.b = b;
  if (score) found.score = score;
  for (const name of ['mq', 'ml', 'mc', 'me'] as const) {
    const value = percent(search[name], 0, name === 'mc' || name === 'mq' ? 1000 : 100);
    if (value !== undefined && value !== presetMargins[name]) found[name] = value;
  }
  const share = percent(search.share, 0, 99.999);
  if (share !== undefined) found.share = share;
  const w = windowChoices.find(one => one === search.w);
  if (w) found.w = w;
  const [wf, wt] = [word(search.wf, 40), word(search.wt, 40)];
  if (w === 'own' && wf && wt && isInstant(wf) && isInstant(wt)) Object.assign(found, { wf, wt });
  return found;
}
