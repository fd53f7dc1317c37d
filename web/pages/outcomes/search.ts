import type { SpendDimension } from '#contract/spend-words.ts';

/** The contract's list again, because it needs the validation library; the type keeps them equal. */
export const dimensionLabels: Record<SpendDimension, string> = {
  feature: 'Feature',
  model: 'Model',
  prompt: 'Prompt',
  variant: 'Variant',
  tenant: 'Tenant',
  team: 'Team',
  environment: 'Environment',
  service: 'Service',
  provider: 'Provider',
  line: 'Line',
  service_tier: 'Service tier',
  price_version: 'Price version',
};
export const dimensions = Object.keys(dimensionLabels) as SpendDimension[];

export const ranges = ['4w', '12w', '26w', '52w'] as const;
export type Range = (typeof ranges)[number];
export const rangeLabels: Record<Range, string> = {
  '4w': 'Last 4 weeks',
  '12w': 'Last 12 weeks',
  '26w': 'Last 26 weeks',
  '52w': 'Last 52 weeks',
};

export const periods = ['day', 'week', 'month'] as const;
export type Period = (typeof periods)[number];

/** What the page shows; what is left out has its default. */
export interface OutcomesSearch {
  r?: Range;
  by?: SpendDimension;
  /** One kind of outcome. */
  o?: string;
  /** Feature whose users are shown. */
  feature?: string;
  per?: Period;
}

const word = (value: unknown) => (typeof value === 'string' && value ? value.slice(0, 256) : undefined);

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readOutcomesSearch(search: Record<string, unknown>): OutcomesSearch {
  const found: OutcomesSearch = {};
  const range = ranges.find(one => one === search.r);
  if (range && range !== '12w') found.r = range;
  const by = dimensions.find(one => one === search.by);
  if (by && by !== 'feature') found.by = by;
  const per = periods.find(one => one === search.per);
  if (per && per !== 'week') found.per = per;
  const [o, feature] = [word(search.o), word(search.feature)];
  if (o) found.o = o;
  if (feature) found.feature = feature;
  return found;
}
