/** What of the Prices page is in its address. */
export interface PricesSearch {
  tab?: PricesTab;
  q?: string;
  /** The model whose history is open: provider, model and region, one a line. */
  m?: string;
}

export const pricesTabs = ['models', 'unpriced', 'overlays', 'rates'] as const;
export type PricesTab = (typeof pricesTabs)[number];

const words = (value: unknown, longest: number) =>
  typeof value === 'string' && value ? value.slice(0, longest) : undefined;

export function readPricesSearch(search: Record<string, unknown>): PricesSearch {
  const found: PricesSearch = {};
  const tab = pricesTabs.find((one, at) => one === search.tab && at > 0);
  const [q, m] = [words(search.q, 200), words(search.m, 600)];
  if (tab) found.tab = tab;
  if (q) found.q = q;
  if (m) found.m = m;
  return found;
}
