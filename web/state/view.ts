import type { Condition } from '#contract/dimension.ts';
import { readFilters, writeFilters } from './filters.ts';
import { earlier, isInstant, type Range, spanMs } from './range.ts';

export const compares = ['prev', 'week', 'none'] as const;
export type Compare = (typeof compares)[number];
export const compareLabels: Record<Compare, string> = {
  prev: 'Previous period',
  week: 'Same time last week',
  none: 'No comparison',
};

/** Search parameters of every page, as the URL holds them; what is left out has its default. */
export interface ViewSearch {
  from?: string;
  to?: string;
  cmp?: Compare;
  env?: string;
  f?: string;
  g?: 'feature';
  tz?: string;
}

/** What a page shows. */
export interface View extends Range {
  cmp: Compare;
  /** Empty for all environments. */
  env: string;
  filters: Condition[];
  /** Charts split by feature. */
  byFeature: boolean;
  /** Zone of buckets and ranges; empty for the reporting zone. */
  tz: string;
}

export const DEFAULT_RANGE: Range = { from: 'now-24h', to: 'now' };

const text = (value: unknown) =>
  typeof value === 'string' && value !== '' ? value.slice(0, 2000) : undefined;

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults instead of an error. */
export function readViewSearch(search: Record<string, unknown>): ViewSearch {
  const view: ViewSearch = {};
  const [from, to, env, f, tz] = ['from', 'to', 'env', 'f', 'tz'].map(name => text(search[name]));
  if (from && to && isInstant(from) && isInstant(to)) Object.assign(view, { from, to });
  else if (from && !to && isInstant(from)) Object.assign(view, { from });
  const cmp = compares.find(name => name === search.cmp);
  if (cmp && cmp !== 'prev') view.cmp = cmp;
  if (env) view.env = env;
  const filters = writeFilters(readFilters(f ?? ''));
  if (filters) view.f = filters;
  if (search.g === 'feature') view.g = 'feature';
  if (tz && isZone(tz)) view.tz = tz;
  return view;
}

export const toView = (search: ViewSearch): View => ({
  from: search.from ?? DEFAULT_RANGE.from,
  to: search.to ?? DEFAULT_RANGE.to,
  cmp: search.cmp ?? 'prev',
  env: search.env ?? '',
  filters: readFilters(search.f ?? ''),
  byFeature: search.g === 'feature',
  tz: search.tz ?? '',
});

/** The API's `where` of a view. */
export const whereOf = ({ filters, env }: Pick<View, 'filters' | 'env'>) =>
  writeFilters(env ? [...filters, { dimension: 'environment', value: env }] : filters);

/** How far back the compared period lies, or null without a comparison. */
export function compareOffsetMs(view: View, nowMs: number): number | null {
  if (view.cmp === 'none') return null;
  return view.cmp === 'week' ? 7 * 86_400_000 : spanMs(view, nowMs);
}

export function comparedRange(view: View, nowMs: number): Range | null {
  const offset = compareOffsetMs(view, nowMs);
  return offset === null ? null : earlier(view, offset);
}
